// SPDX-License-Identifier: Apache-2.0
// The live page. Text from the server reaches the document by textContent only.
'use strict';

const $ = id => document.getElementById(id);

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// --- Units ---

const THOUSAND = ['', 'k', 'M', 'G', 'T', 'P'];

function scaled(value, unit) {
  let step = 0;
  while (value >= 999.5 && step < THOUSAND.length - 1) {
    value /= 1000;
    step++;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${THOUSAND[step]}${unit}`;
}

const bytes = value => scaled(value, 'B');
const rate = value => scaled(value, 'B/s');
const count = value => value.toLocaleString('en');
const millis = micros => micros === 0 ? '–' : micros < 9950 ? `${(micros / 1000).toFixed(1)} ms` : `${Math.round(micros / 1000)} ms`;

function duration(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

// --- Views and tables ---

const VIEWS = [
  {name: 'overview', title: 'Overview', tables: []},
  {name: 'sessions', title: 'Sessions', tables: ['sessions', 'pipes', 'streams', 'channels', 'channelUses', 'drains', 'nodes'], count: 'sessions'},
  {name: 'connections', title: 'Connections', tables: ['connections', 'closedConnections', 'users'], count: 'connections'},
  {name: 'listeners', title: 'Listeners', tables: ['listeners', 'endpoints', 'connectors', 'proxies', 'reverses', 'tuns', 'routes'], count: 'listeners'},
  {name: 'filters', title: 'Filters', tables: ['filters', 'rules'], count: 'filters'},
  {name: 'health', title: 'Health', tables: ['health', 'limits', 'refusals'], count: 'problems'},
];
const TABLE_TITLES = {
  channelUses: 'Quotas', drains: 'Server', nodes: 'Cluster', closedConnections: 'Ended', connections: 'Open', reverses: 'Reverse ports', tuns: 'TUN devices', health: 'Problems',
};
const EMPTY = {
  health: 'Everything is as configured.', sessions: 'No session. One begins when a client connects.',
  connections: 'No open connection.', filters: 'No filter.', rules: 'No rule.', users: 'No user that may be named (statistics.tell of io.httun.relay).',
};
// Always empty, or the same in every row.
const NEVER = {connections: ['end', 'cause'], closedConnections: ['state']};
// What tells rows apart comes first; the columns after it are left out on a narrow screen.
const NARROW = {
  sessions: ['channel', 'state', 'rateDown'], pipes: ['name', 'state', 'roundTripMicros'], streams: ['pipe', 'id', 'kind'],
  channels: ['name', 'side', 'state'], channelUses: ['channel', 'usedToday'], connections: ['target', 'rateDown'],
  closedConnections: ['target', 'end'], users: ['user', 'connections'], listeners: ['name', 'state', 'connections'],
  endpoints: ['name', 'state', 'requests'], connectors: ['name', 'through'], proxies: ['name', 'state'], reverses: ['listen', 'state'],
  tuns: ['device', 'state'], routes: ['destination', 'device'], filters: ['name', 'allowed', 'denied'], rules: ['rule', 'hits'],
  health: ['severity', 'what'], limits: ['name', 'used', 'limit'], refusals: ['cause', 'count'],
  drains: ['part', 'state', 'leftSeconds'], nodes: ['node', 'name', 'state'],
};
const FORMATS = [
  [/^(bytes|used[TA])/, bytes], [/^rate/, rate], [/Seconds$/, duration], [/Micros$/, millis],
];
const SESSION = {action: 'close-session', verb: 'Close session', sure: 'Its connections end. Close it?'};
const CONNECTION = {action: 'close-connection', verb: 'Close connection', sure: 'Both sides are reset. Close it?'};
const DRAIN = {
  action: 'drain', fields: {for: '10m'}, verb: 'Drain for 10 minutes',
  sure: 'New sessions are refused; what remains then is reset. Drain it?',
};
const DRAIN_END = {action: 'drain-end', fields: {}, verb: 'End draining', sure: 'New sessions are taken again. Go on?'};
const ACTIONS = {sessions: SESSION, connections: CONNECTION};

function actionOf(table, columns, values) {
  if (table === 'drains') return values[columns.indexOf('state')] === 'serving' ? DRAIN : DRAIN_END;
  return ACTIONS[table];
}

const LIVELY = new Set(['open', 'listening', 'mounted', 'enabled', 'connected', 'up', 'ok', 'OK', 'set', 'complete', 'serving']);
const QUIET = new Set(['idle', 'unused', 'closed', 'disabled', 'unconfirmed', 'connecting', 're-keying', 'draining', 'WARN']);

const LABELS = {
  id: 'Id', rateUp: '▲ Rate', rateDown: '▼ Rate', ageSeconds: 'Age', idleSeconds: 'Idle', keySeconds: 'Key age', leftSeconds: 'Left', roundTripMicros: 'Round trip',
  bytesToTarget: '▲ Bytes', bytesFromTarget: '▼ Bytes', takesNames: 'Takes names', takesDatagrams: 'Takes UDP', end: 'Ended', mtu: 'MTU',
};

function label(column) {
  return LABELS[column] || column.replace(/([A-Z])/g, ' $1').replace(/^./, letter => letter.toUpperCase()).replace(/ [A-Z]/g, word => word.toLowerCase());
}

function shown(table, column, value) {
  if (typeof value === 'number') {
    if (table === 'limits' && column !== 'unit') return count(value);
    if (column === 'id') return String(value);
    for (const [pattern, format] of FORMATS) if (pattern.test(column)) return format(value);
    return count(value);
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === '' ? '–' : value;
}

function cellContent(table, column, value) {
  const text = shown(table, column, value);
  if (column !== 'state' && column !== 'severity') return [text];
  const kind = LIVELY.has(value) ? 'good' : QUIET.has(value) ? (column === 'severity' ? 'warn' : 'idle') : 'bad';
  return [element('i', {className: `round dot-${kind}`}), text];
}

// --- State ---

const state = {
  view: 'overview', table: '', sort: {}, filter: {}, offset: 0, limit: 60,
  data: null, points: [], leg: '', received: 0, csrf: '',
};
const view = () => VIEWS.find(each => each.name === state.view);

// --- Data ---

let fetching = null;
let timer = 0;

async function refresh() {
  clearTimeout(timer);
  const began = Date.now();
  if (fetching) fetching.abort();
  const mine = fetching = new AbortController();
  const limit = setTimeout(() => mine.abort('slow'), 8000);
  try {
    const query = new URLSearchParams({since: state.points.length ? state.points.at(-1)[0] : 0});
    if (state.table) {
      const {column, descending} = state.sort[state.table] || {column: '', descending: false};
      query.set('table', state.table);
      query.set('sort', column);
      query.set('descending', descending);
      query.set('filter', state.filter[state.table] || '');
      query.set('offset', state.offset);
      query.set('limit', state.limit);
    }
    const answer = await fetch(`data?${query}`, {signal: mine.signal, credentials: 'same-origin'});
    if (answer.status === 401) {
      location.reload();
      return;
    }
    const data = await answer.json();
    if (!answer.ok) throw new Error(data.error);
    if (mine === fetching) take(data);
  } catch (e) {
    if (mine !== fetching) return;
    if (e.message && !(e instanceof TypeError) && e.name !== 'AbortError') toast(e.message, true);
  } finally {
    clearTimeout(limit);
    if (mine === fetching) {
      fetching = null;
      timer = setTimeout(refresh, Math.max(100, 1000 - (Date.now() - began)));
    }
  }
}

function take(data) {
  state.data = data;
  state.csrf = data.csrf;
  state.received = Date.now();
  // A server that has started again counts from 1.
  if (data.points.length && state.points.length && data.points[0][0] <= state.points.at(-1)[0]) state.points = [];
  state.points.push(...data.points);
  if (state.points.length > 600) state.points.splice(0, state.points.length - 600);
  drawHeader();
  if (state.table) drawTable();
  else drawOverview();
  document.body.dataset.ready = state.table || 'overview';
}

async function act(action, fields) {
  const answer = await fetch(action, {
    method: 'POST', body: new URLSearchParams(fields), headers: {'X-Csrf-Token': state.csrf}, credentials: 'same-origin',
  });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error);
  return result;
}

let toastTimer = 0;
function toast(text, failed) {
  $('toast').textContent = text;
  $('toast').className = failed ? 'shown failed' : 'shown';
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $('toast').className = ''; }, 4000);
}

// --- Header ---

VIEWS.forEach(each => $('nav').append(element('a', {href: `#${each.name}`, id: `nav-${each.name}`}, each.title, element('b'))));

function drawHeader() {
  const {status, problems, totals, user, act: mayAct} = state.data;
  $('verdict').className = `pill ${status}`;
  $('verdict').textContent = status === 'OK' ? 'Healthy' : `${problems} problem${problems === 1 ? '' : 's'}`;
  $('logout').title = `Log out ${user}${mayAct ? '' : ' (may look only)'}`;
  VIEWS.filter(each => each.count).forEach(each => {
    $(`nav-${each.name}`).lastChild.textContent = count(each.count === 'problems' ? problems : totals[each.count]);
  });
}

setInterval(() => {
  const age = state.received ? (Date.now() - state.received) / 1000 : 0;
  const stale = age > 4;
  $('live').classList.toggle('stale', stale);
  $('live').lastChild.textContent = stale ? `no data for ${Math.round(age)} s` : 'live';
}, 500);

// --- The path ---

const SVG = 'http://www.w3.org/2000/svg';
function svg(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

// Where each leg's rates are in a point of the history, and what the plot calls them.
const LEGS = {
  entry: {at: 2, title: 'applications and listeners'}, client: {at: 4, title: 'client and tunnel'},
  server: {at: 6, title: 'tunnel and server'}, exit: {at: 8, title: 'server and targets'}, tun: {at: 10, title: 'TUN devices'},
};

function flowOf(leg) {
  const point = state.points.at(-1);
  return point && leg ? [point[LEGS[leg].at], point[LEGS[leg].at + 1]] : [0, 0];
}

function pathNodes(totals) {
  const plural = (n, word) => `${count(n)} ${word}${n === 1 ? '' : 's'}`;
  const trip = state.points.length ? state.points.at(-1)[15] : 0;
  return [
    {name: 'Applications', text: totals.listeners ? plural(totals.entries, 'connection') : 'at the clients', here: false},
    {name: 'Listeners', text: totals.listeners ? `${totals.listening} of ${totals.listeners} listening` : 'elsewhere', here: totals.listeners > 0,
      failing: totals.listening < totals.listeners, view: 'listeners'},
    {name: 'Client', text: totals.clients ? (totals.clientState || (trip ? `round trip ${millis(trip)}` : plural(totals.clients, 'channel'))) : 'elsewhere',
      here: totals.clients > 0, failing: totals.clientState !== '', view: 'sessions'},
    {name: 'Server', text: totals.servers ? `${totals.serverState && `${totals.serverState}, `}${plural(totals.serverSessions, 'session')}` : 'elsewhere',
      here: totals.servers > 0, failing: totals.serverState !== '', view: 'sessions'},
    {name: 'Targets', text: totals.servers || !totals.clients ? plural(totals.exits, 'connection') : 'behind the server', here: false},
  ];
}

function pathLegs(totals) {
  const tunnel = totals.clients ? 'client' : totals.servers ? 'server' : '';
  return [
    {leg: totals.listeners ? 'entry' : '', what: 'SOCKS · CONNECT · port'},
    {leg: totals.listeners ? 'entry' : '', what: ''},
    {leg: tunnel, what: 'encrypted, in HTTP', tunnel: true},
    {leg: totals.servers ? 'exit' : '', what: totals.filters ? `filters: ${count(totals.allowed)} allowed, ${count(totals.denied)} denied` : 'no filter'},
  ];
}

let pathKey = '';
let pathParts = [];

function drawPath() {
  const {totals} = state.data;
  const nodes = pathNodes(totals);
  const legs = pathLegs(totals);
  const vertical = $('path').clientWidth < 760;
  const key = JSON.stringify([vertical, nodes.map(n => [n.here, n.failing]), legs.map(l => l.leg), $('path').clientWidth]);
  if (key !== pathKey) {
    pathKey = key;
    buildPath(nodes, legs, vertical);
  }
  if (!state.leg) state.leg = legs.map(each => each.leg).find(each => each) || 'exit';
  nodes.forEach((node, i) => { pathParts.nodes[i].textContent = node.text.length > 30 ? `${node.text.slice(0, 29)}…` : node.text; });
  legs.forEach((each, i) => {
    const part = pathParts.legs[i];
    const [up, down] = flowOf(each.leg);
    part.up.textContent = each.leg ? `▲ ${rate(up)}` : '';
    part.down.textContent = each.leg ? `▼ ${rate(down)}` : '';
    part.what.textContent = each.what;
    [[part.upFlow, up], [part.downFlow, down]].forEach(([line, value]) => {
      line.classList.toggle('flow', value > 0);
      line.setAttribute('stroke-width', value > 0 ? Math.min(5, 1.5 + Math.log10(value + 1) / 2) : 2);
    });
    part.group.setAttribute('aria-pressed', each.leg !== '' && each.leg === state.leg);
    part.group.setAttribute('aria-label', `Rate between ${nodes[i].name} and ${nodes[i + 1].name}: ${rate(up)} up, ${rate(down)} down`);
  });
  const [tunUp, tunDown] = flowOf('tun');
  $('path-note').textContent = totals.tuns
    ? `TUN devices: ${totals.tunsUp} of ${totals.tuns} up, ▲ ${rate(tunUp)} ▼ ${rate(tunDown)}`
    : 'Choose a leg to see its rate below.';
}

function buildPath(nodes, legs, vertical) {
  // Units are pixels, so that text is as large as elsewhere.
  const width = Math.max(280, $('path').clientWidth - 36);
  const box = vertical ? {w: width, h: 54} : {w: Math.min(160, width * 0.12), h: 62};
  const gap = vertical ? 62 : (width - box.w * nodes.length) / (nodes.length - 1);
  const height = vertical ? nodes.length * box.h + gap * (nodes.length - 1) : 116;
  const root = svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Path from applications to targets'});
  const y = vertical ? 0 : (height - box.h) / 2;
  pathParts = {nodes: [], legs: []};
  legs.forEach((each, i) => {
    const from = vertical ? i * (box.h + gap) + box.h : i * (box.w + gap) + box.w;
    const mid = from + gap / 2;
    const line = (kind, side) => vertical
      ? svg('line', {class: kind, x1: width / 2 + side * 9, x2: width / 2 + side * 9, y1: from + 6, y2: from + gap - 6, 'stroke-width': 2})
      : svg('line', {class: kind, x1: from + 8, x2: from + gap - 8, y1: height / 2 + side * 7, y2: height / 2 + side * 7, 'stroke-width': 2});
    // The second line runs the other way, and so do its dashes.
    const back = (kind, side) => {
      const made = line(kind, side);
      const [a, b] = vertical ? ['y1', 'y2'] : ['x1', 'x2'];
      const swap = made.getAttribute(a);
      made.setAttribute(a, made.getAttribute(b));
      made.setAttribute(b, swap);
      return made;
    };
    const text = (kind, x, yy) => svg('text', {class: kind, x, y: yy});
    const part = {
      upFlow: line('up', -1), downFlow: back('down', 1),
      up: vertical ? text('up', width / 2 - 62, from + gap / 2 + 4) : text('up', mid, height / 2 - 18),
      down: vertical ? text('down', width / 2 + 62, from + gap / 2 + 4) : text('down', mid, height / 2 + 28),
      what: vertical ? text('what', width / 2, from + gap - 2) : text('what', mid, height - 6),
    };
    const group = svg('g', {class: `leg${each.leg ? '' : ' away'}${each.tunnel ? ' tunnel' : ''}`, role: 'button', tabindex: each.leg ? 0 : -1});
    group.append(vertical
      ? svg('rect', {x: 0, y: from + 3, width, height: gap - 6})
      : svg('rect', {x: from + 3, y: 2, width: gap - 6, height: height - 4}));
    if (each.tunnel && each.leg) {
      const pipe = line('pipe', 0);
      pipe.setAttribute('stroke-width', 30);
      group.append(pipe);
    }
    group.append(part.upFlow, part.downFlow, part.up, part.down);
    if (!vertical) group.append(part.what);
    const choose = () => { state.leg = each.leg; drawOverview(); };
    group.addEventListener('click', choose);
    group.addEventListener('keydown', event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(); } });
    part.group = group;
    pathParts.legs.push(part);
    root.append(group);
  });
  nodes.forEach((node, i) => {
    const x = vertical ? 0 : i * (box.w + gap);
    const top = vertical ? i * (box.h + gap) : y;
    const below = svg('text', {x: x + box.w / 2, y: top + box.h / 2 + 16});
    const name = svg('text', {x: x + box.w / 2, y: top + box.h / 2 - 3});
    name.textContent = node.name;
    const group = svg('g', {class: `node ${node.here ? 'here' : 'away'}${node.failing ? ' failing' : ''}`},
      svg('rect', {x: x + 1, y: top + 1, width: box.w - 2, height: box.h - 2, rx: 12}), name, below);
    pathParts.nodes.push(below);
    if (node.here && node.view) {
      const link = svg('a', {href: `#${node.view}`, 'aria-label': `${node.name}: details`}, group);
      root.append(link);
    } else {
      root.append(group);
    }
  });
  $('path').replaceChildren(root);
}

// --- Plots ---

const PLOTS = [
  {name: 'rate', unit: rate, series: [['Up', 'up', p => p[LEGS[state.leg || 'exit'].at]], ['Down', 'down', p => p[LEGS[state.leg || 'exit'].at + 1]]], fill: true},
  {name: 'open', unit: value => count(Math.round(value)), series: [['Connections', 'up', p => p[12]], ['Sessions', 'down', p => p[13]], ['Streams', 'third', p => p[14]]], whole: true},
  {name: 'trip', unit: value => millis(value), series: [['Longest', 'down', p => p[15] || null]], fill: true},
  {name: 'refused', unit: value => `${(value / 1000).toFixed(1)} /s`, series: [['Server', 'up', p => p[16]], ['Listeners', 'down', p => p[17]], ['Filters', 'third', p => p[18]]], mean: 10},
];
const WINDOW_SECONDS = 300;

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function makePlot(plot) {
  const box = $(`plot-${plot.name}`);
  if (plot.made) plot.made.destroy();
  const axis = {stroke: color('muted'), grid: {stroke: color('line'), width: 1}, ticks: {show: false}, font: '11px system-ui'};
  plot.made = new uPlot({
    width: Math.max(200, box.clientWidth - 14), height: box.clientHeight - 8, legend: {show: false}, pxAlign: false,
    cursor: {y: false, drag: {x: false, y: false}, points: {size: 7}, sync: {key: 'httun'}},
    scales: {
      x: {range: (u, low, high) => [Math.min(high - 30, Math.max(low, high - WINDOW_SECONDS)), high]},
      y: {range: (u, low, high) => [0, Math.max(high * 1.12, plot.whole ? 4 : 1000)]},
    },
    axes: [
      {...axis, values: (u, ticks) => ticks.map(tick => new Date(tick * 1000).toTimeString().slice(0, 5)), space: 80, size: 30},
      {...axis, size: 76, values: (u, ticks) => ticks.map(tick => plot.whole && tick % 1 ? '' : tick === 0 ? '0' : plot.unit(tick)), space: 38},
    ],
    series: [{}, ...plot.series.map(([, name]) => ({
      stroke: color(name), width: 2, points: {show: false}, spanGaps: false, fill: plot.fill ? `${color(name)}22` : undefined,
    }))],
    hooks: {setCursor: [() => drawLegend(plot)]},
  }, plotData(plot), box);
  const legend = $(`legend-${plot.name}`);
  legend.replaceChildren(...plot.series.map(([title, name]) =>
    element('span', {}, element('i', {className: `c-${name}`}), `${title} `, element('b'))));
  drawLegend(plot);
}

function plotData(plot) {
  const points = state.points.filter(p => p[1] >= state.points.at(-1)[1] - WINDOW_SECONDS * 1000 - 11000);
  return [points.map(p => p[1] / 1000), ...plot.series.map(([, , value]) => {
    const values = points.map(value);
    return plot.mean ? means(values, plot.mean) : values;
  })];
}

// Of the last so many values: single events look like a rate then.
function means(values, span) {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= span ? values[i - span] : 0);
    return sum / Math.min(i + 1, span);
  });
}

function drawLegend(plot) {
  if (!plot.made || !plot.made.data[0].length) return;
  const at = plot.made.cursor.idx ?? plot.made.data[0].length - 1;
  plot.series.forEach((each, i) => {
    const value = plot.made.data[i + 1][at];
    $(`legend-${plot.name}`).children[i].lastChild.textContent = value == null ? '–' : plot.unit(value);
  });
}

function drawOverview() {
  if (!state.data || state.view !== 'overview') return;
  drawPath();
  $('rate-leg').textContent = `between ${LEGS[state.leg].title}`;
  PLOTS.forEach(plot => {
    if (!plot.made) makePlot(plot);
    else plot.made.setData(plotData(plot));
    drawLegend(plot);
  });
}

function redrawPlots() {
  pathKey = '';
  PLOTS.forEach(plot => { if (plot.made) { plot.made.destroy(); plot.made = null; } });
  drawOverview();
}

// --- Tables ---

const rowHeight = () => window.innerWidth <= 760 ? 44 : 38;
let headKey = '';
let rowsOnScreen = [];
let focusedKey = null;

function drawTable() {
  const {table} = state.data;
  const name = state.table;
  drawHead(name, table.columns);
  const rows = `${count(table.total)} row${table.total === 1 ? '' : 's'}`;
  $('count').textContent = table.matched === table.total ? rows : `${count(table.matched)} of ${rows}`;
  $('empty').hidden = table.matched > 0;
  $('empty').textContent = table.total ? 'No row has all these words.' : EMPTY[name] || 'Nothing here.';
  drawCheck();
  const body = $('body');
  const height = rowHeight();
  while (body.children.length < table.rows.length + 2) body.insertBefore(makeRow(table.columns), body.lastChild);
  while (body.children.length > table.rows.length + 2) body.children[body.children.length - 2].remove();
  space(body.firstChild, table.offset * height);
  space(body.lastChild, (table.matched - table.offset - table.rows.length) * height);
  rowsOnScreen = table.rows;
  table.rows.forEach((row, i) => fillRow(body.children[i + 1], name, table.columns, row));
}

function space(row, height) {
  row.hidden = height <= 0;
  row.firstChild.style.height = `${Math.max(0, height)}px`;
}

function drawHead(name, columns) {
  const sort = state.sort[name] || {};
  const key = JSON.stringify([name, columns, sort, state.data.table.rows.length > 0]);
  if (key === headKey) return;
  headKey = key;
  const numeric = numericColumns(columns);
  const focused = document.activeElement?.dataset?.column;
  $('head').replaceChildren(element('tr', {}, ...columns.map((column, i) => {
    const marked = sort.column === column;
    const button = element('button', {title: 'Sort'}, label(column) + (marked ? (sort.descending ? ' ↓' : ' ↑') : ''));
    button.dataset.column = column;
    button.addEventListener('click', () => sortBy(name, column, numeric[i]));
    const cell = element('th', {scope: 'col', className: classes(name, column, numeric[i])}, button);
    if (marked) cell.setAttribute('aria-sort', sort.descending ? 'descending' : 'ascending');
    return cell;
  })));
  if (focused) $('head').querySelector(`[data-column="${focused}"]`)?.focus();
  const spacer = () => {
    const cell = element('td');
    cell.colSpan = columns.length;
    return element('tr', {className: 'space', hidden: true}, cell);
  };
  $('body').replaceChildren(spacer(), spacer());
}

function numericColumns(columns) {
  const row = state.data.table.rows[0];
  return columns.map((column, i) => row ? typeof row[i] === 'number' && column !== 'id' : /bytes|rate|Seconds|Micros/.test(column));
}

function classes(name, column, number) {
  if ((NEVER[name] || []).includes(column)) return 'never';
  const narrow = NARROW[name] || [];
  return `${number ? 'number ' : ''}${narrow.includes(column) ? '' : 'wide '}${/^(id|pipe)$/.test(column) ? 'id' : ''}`;
}

function sortBy(name, column, number) {
  const before = state.sort[name];
  // The first click shows what is looked for most: large numbers, and names from A.
  if (!before || before.column !== column) state.sort[name] = {column, descending: number};
  else if (before.descending === number) before.descending = !number;
  else delete state.sort[name];
  state.offset = 0;
  $('scroll').scrollTop = 0;
  refresh();
}

function makeRow(columns) {
  const row = element('tr', {className: 'row', tabIndex: 0}, ...columns.map(() => element('td')));
  return row;
}

function rowKey(name, columns, values) {
  const id = columns.indexOf('id');
  return id >= 0 ? `${values[columns.indexOf('side')] ?? ''}/${values[columns.indexOf('pipe')] ?? ''}/${values[id]}` : values.slice(0, 3).join('/');
}

function fillRow(row, name, columns, values) {
  const before = row.values || [];
  columns.forEach((column, i) => {
    const cell = row.children[i];
    if (before[i] === values[i] && row.table === name) return;
    cell.className = classes(name, column, typeof values[i] === 'number' && column !== 'id');
    cell.replaceChildren(...cellContent(name, column, values[i]));
    cell.title = typeof values[i] === 'string' && values[i].length > 20 ? values[i] : '';
  });
  row.values = values;
  row.table = name;
  row.key = rowKey(name, columns, values);
  row.dataset.key = row.key;
}

let scrolled = 0;
function windowOf() {
  const height = rowHeight();
  const visible = Math.ceil($('scroll').clientHeight / height);
  state.limit = Math.min(300, visible + 24);
  state.offset = Math.max(0, Math.floor($('scroll').scrollTop / height) - 12);
}
$('scroll').addEventListener('scroll', () => {
  clearTimeout(scrolled);
  scrolled = setTimeout(() => {
    const before = state.offset;
    windowOf();
    if (Math.abs(before - state.offset) > 4) refresh();
  }, 60);
}, {passive: true});

$('body').addEventListener('click', event => {
  const row = event.target.closest('tr.row');
  if (row) details(row, false);
});
$('body').addEventListener('keydown', event => {
  const row = event.target.closest('tr.row');
  if (!row) return;
  const move = {ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling'}[event.key];
  if (move) {
    event.preventDefault();
    const next = row[move];
    if (next && next.classList.contains('row')) {
      next.focus({preventScroll: true});
      next.scrollIntoView({block: 'nearest'});
    }
  } else if (event.key === 'Enter') {
    event.preventDefault();
    details(row, false);
  } else if (event.key === 'Delete' && ACTIONS[row.table]) {
    details(row, true);
  }
});

// --- Details and actions ---

let open = null;

function details(row, toClose) {
  const {columns} = state.data.table;
  const name = row.table;
  const action = state.data.act ? actionOf(name, columns, row.values) : null;
  open = {row, action, id: row.values[columns.indexOf('id')], sure: false};
  const lead = ['target', 'what', 'rule', 'name', 'channel', 'pipe', 'part'].map(each => columns.indexOf(each)).find(i => i >= 0 && row.values[i] !== '');
  $('details-title').textContent = String(row.values[lead ?? 0]);
  $('details-list').replaceChildren(...columns.flatMap((column, i) =>
    [element('dt', {textContent: label(column)}), element('dd', {}, ...cellContent(name, column, row.values[i]))]));
  $('act').hidden = !action;
  $('act').className = 'danger';
  $('act').textContent = action ? action.verb : '';
  $('act').disabled = false;
  $('details').showModal();
  (toClose && action ? $('act') : $('dismiss')).focus();
}

$('dismiss').addEventListener('click', () => $('details').close());
$('details').addEventListener('click', event => { if (event.target === $('details')) $('details').close(); });
$('details').addEventListener('close', () => { if (open?.row.isConnected) open.row.focus({preventScroll: true}); });
$('act').addEventListener('click', async () => {
  if (!open.sure) {
    open.sure = true;
    $('act').textContent = open.action.sure;
    $('act').classList.add('sure');
    return;
  }
  $('act').disabled = true;
  try {
    toast((await act(open.action.action, open.action.fields || {id: open.id})).done);
  } catch (e) {
    toast(e.message, true);
  }
  $('details').close();
  refresh();
});

function drawCheck() {
  $('check').hidden = state.view !== 'filters' || !state.data.act;
  const select = $('check-filter');
  const names = state.data.filters;
  if (names.join('\n') !== [...select.options].map(each => each.value).join('\n')) {
    select.replaceChildren(...names.map(name => element('option', {value: name, textContent: name})));
    if (names.includes('default')) select.value = 'default';
  }
}
$('check').addEventListener('submit', async event => {
  event.preventDefault();
  const result = $('check-result');
  result.className = '';
  result.textContent = 'Asking …';
  try {
    const check = await act('check', {target: $('check-target').value, filters: $('check-filter').value});
    result.className = check.allowed ? 'allowed' : 'refused';
    result.textContent = [`${check.target} is ${check.allowed ? `allowed: ${check.addresses.join(', ')}` : `refused: ${check.reason}`}`, ...check.rulings].join('\n');
  } catch (e) {
    result.className = 'refused';
    result.textContent = e.message;
  }
});

// --- Ways through the page ---

function route() {
  const [name, table] = location.hash.slice(1).split('/');
  const target = VIEWS.find(each => each.name === name) || VIEWS[0];
  if (name && target.name !== name) history.replaceState(null, '', './');
  state.view = target.name;
  state.table = target.tables.includes(table) ? table : target.tables[0] || '';
  state.offset = 0;
  headKey = '';
  $('overview').hidden = state.table !== '';
  $('tables').hidden = state.table === '';
  $('filter').value = state.filter[state.table] || '';
  $('body').replaceChildren();
  $('scroll').scrollTop = 0;
  $('check').hidden = true;
  $('empty').hidden = true;
  delete document.body.dataset.ready;
  VIEWS.forEach(each => {
    if (each === target) $(`nav-${each.name}`).setAttribute('aria-current', 'page');
    else $(`nav-${each.name}`).removeAttribute('aria-current');
  });
  $('subnav').replaceChildren(...target.tables.map(each => {
    const button = element('button', {textContent: TABLE_TITLES[each] || label(each)});
    button.setAttribute('role', 'tab');
    button.setAttribute('aria-selected', each === state.table);
    button.dataset.table = each;
    button.addEventListener('click', () => { location.hash = `${target.name}/${each}`; });
    return button;
  }));
  document.title = state.view === 'overview' ? 'httun' : `httun: ${target.title}`;
  if (state.table) windowOf();
  refresh();
}

let typed = 0;
$('filter').addEventListener('input', () => {
  state.filter[state.table] = $('filter').value;
  clearTimeout(typed);
  typed = setTimeout(() => {
    state.offset = 0;
    $('scroll').scrollTop = 0;
    refresh();
  }, 120);
});

function switchTheme() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('httun-theme', document.documentElement.dataset.theme);
  redrawPlots();
}
$('theme').addEventListener('click', switchTheme);
$('help').addEventListener('click', () => $('keys').showModal());
$('logout').addEventListener('click', async () => {
  try {
    await act('logout', {});
  } catch (e) {
    toast(e.message, true);
    return;
  }
  location.replace('./');
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawPlots);

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.target.matches('input, select, textarea')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const index = '123456'.indexOf(event.key);
  if (index >= 0) location.hash = VIEWS[index].name;
  else if (event.key === '/' && state.table) $('filter').focus();
  else if (event.key === 't') switchTheme();
  else if (event.key === '?') $('keys').showModal();
  else if (event.key === 'ArrowDown' && state.table && !event.target.closest('tr.row')) $('body').querySelector('tr.row')?.focus();
  else return;
  event.preventDefault();
});

let resized = 0;
window.addEventListener('resize', () => {
  clearTimeout(resized);
  resized = setTimeout(() => {
    if (state.table) { windowOf(); refresh(); } else redrawPlots();
  }, 100);
});
window.addEventListener('hashchange', route);
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
route();
