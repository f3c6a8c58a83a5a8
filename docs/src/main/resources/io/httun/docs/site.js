// SPDX-License-Identifier: Apache-2.0
'use strict';
(() => {
    const root = document.documentElement;
    const element = id => document.getElementById(id);
    const remembered = (name, value) => {
        try {
            if (value === undefined) return localStorage.getItem(name);
            localStorage.setItem(name, value);
        } catch (e) { /* A page that is opened as a file may have no storage. */ }
        return null;
    };

    const chosen = remembered('httun-theme');
    if (chosen) root.dataset.theme = chosen;
    element('theme').addEventListener('click', () => {
        const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
        root.dataset.theme = dark ? 'light' : 'dark';
        remembered('httun-theme', root.dataset.theme);
    });
    element('menu').addEventListener('click', event => {
        const open = element('navigation').classList.toggle('open');
        event.target.setAttribute('aria-expanded', open);
    });

    const input = element('search');
    const results = element('results');
    let index = null;
    // The index is as large as all pages together: it is loaded by the first search.
    const load = () => index ??= new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = 'search-index.js';
        script.onload = () => resolve(window.searchIndex.map(entry => ({
            ...entry, title: entry.t.toLowerCase(), page: entry.p.toLowerCase(), text: entry.x.toLowerCase()
        })));
        script.onerror = reject;
        document.head.append(script);
    });

    // Every word must be there; a heading weighs more than a page's title, and that more than the text.
    const score = (entry, words) => {
        let sum = 0;
        for (const word of words) {
            let found = 0;
            if (entry.title === word) found += 40;
            else if (entry.title.startsWith(word)) found += 20;
            else if (entry.title.includes(word)) found += 12;
            if (entry.page.includes(word)) found += 6;
            const at = entry.text.indexOf(word);
            if (at >= 0) found += 2 + Math.min(3, entry.text.split(word).length - 1);
            if (!found) return 0;
            sum += found;
        }
        return sum;
    };

    const excerpt = (entry, words) => {
        const at = Math.max(0, ...words.map(word => entry.text.indexOf(word)));
        const from = Math.max(0, at - 30);
        return (from ? '... ' : '') + entry.x.slice(from, from + 140);
    };

    const show = async () => {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        results.hidden = !words.length;
        if (!words.length) return;
        const asked = input.value;
        const entries = await load();
        if (asked !== input.value) return;
        const found = entries.map(entry => ({ entry, rank: score(entry, words) })).filter(hit => hit.rank)
            .sort((a, b) => b.rank - a.rank).slice(0, 20);
        results.replaceChildren(...found.map(({ entry }) => {
            const item = document.createElement('li');
            const link = document.createElement('a');
            const below = document.createElement('small');
            link.href = entry.u;
            link.textContent = entry.t === entry.p ? entry.t : entry.p + ' \u203a ' + entry.t;
            below.textContent = excerpt(entry, words);
            link.append(below);
            item.append(link);
            return item;
        }));
        if (!found.length) {
            const none = document.createElement('li');
            none.className = 'none';
            none.textContent = 'Nothing found';
            results.append(none);
        }
    };

    input.addEventListener('input', show);
    input.addEventListener('focus', show);
    const links = () => [...results.querySelectorAll('a')];
    document.addEventListener('keydown', event => {
        const typing = event.target.closest('input, textarea');
        if (event.key === '/' && !typing) {
            event.preventDefault();
            input.focus();
        } else if (event.key === 'Escape') {
            results.hidden = true;
        } else if (event.key === 'Enter' && event.target === input) {
            links()[0]?.click();
        } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && event.target.closest('.search')) {
            event.preventDefault();
            const all = [input, ...links()];
            const at = all.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1);
            all[(at + all.length) % all.length].focus();
        }
    });
    document.addEventListener('click', event => {
        if (!event.target.closest('.search')) results.hidden = true;
        else if (event.target.closest('#results a')) results.hidden = true;
    });

    const query = new URLSearchParams(location.search).get('search');
    if (query) {
        input.value = query;
        show();
    }
})();
