// SPDX-License-Identifier: Apache-2.0
// Before the first paint: the theme that was chosen last, else the system's.
'use strict';
const chosenTheme = localStorage.getItem('httun-theme');
if (chosenTheme === 'dark' || chosenTheme === 'light') document.documentElement.dataset.theme = chosenTheme;
