// SPDX-License-Identifier: Apache-2.0
'use strict';
const form = document.getElementById('form');
const error = document.getElementById('error');
const submit = document.getElementById('submit');

async function login(fields) {
  submit.disabled = true;
  error.textContent = '';
  try {
    const answer = await fetch('login', {method: 'POST', body: new URLSearchParams(fields), credentials: 'same-origin'});
    if (answer.ok) {
      location.replace('./');
      return;
    }
    error.textContent = (await answer.json()).error;
  } catch (e) {
    error.textContent = 'The server does not answer';
  }
  submit.disabled = false;
}

form.addEventListener('submit', event => {
  event.preventDefault();
  login(new FormData(form));
});

// A link with a token logs in once. What is behind # is sent to no server, and leaves the history here.
function loginByLink() {
  const token = location.hash.slice(1);
  if (/^[A-Za-z0-9_-]{43}$/.test(token)) {
    history.replaceState(null, '', './');
    login({token});
  }
}
// A browser that shows this page already does not load it again for such a link.
window.addEventListener('hashchange', loginByLink);
loginByLink();
