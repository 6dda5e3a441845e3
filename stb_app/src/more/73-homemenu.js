/* The upper half of home: live television in a window, what is on beneath it, and the menu beside it. One board row:
   0 is the window, then the menu's entries, two in a line. */
(function (CT, window) {
  'use strict';
  var BIG = [64, 100, 816, 460];   // of the window, design px; home.css paints the page around it
  var SMALL = [960, 36, 256, 144]; // while the rows are walked
  var INFO_UP = -460;              // what is on stands beside the small window
  var COLUMNS = 2, LEFT = 912, TOP = 100, WIDTH = 146, GAP = 12, LINES = 4, HEIGHT = 106;
  var AWAY = -2000;
  var TICK_MS = 15000;

  function open(name, params) { return function () { CT.nav.open(name, params); }; }
  function channels() {
    if (CT.nav.live(null, null, true)) { CT.nav.top().openList(); }
  }

  /* [{label, act, count}]; an entry whose screen is not there is left out. */
  CT.homeEntries = function () {
    var box = CT.box || {};
    function entry(name, label, count, params) {
      return CT.hasScreen(name) ? { label: label, act: open(name, params), count: count || 0 } : null;
    }
    return [CT.channels.list.length ? { label: '选台', act: channels } : null,
      CT.channels.list.length ? { label: '节目单', act: CT.nav.guide } : null,
      entry('browse', '点播学习'), entry('notices', '村务通知', box.notices), entry('search', '搜索'),
      entry('history', '我的', 0, { tab: 'resume' }), entry('messages', '消息', box.unread),
      entry('settings', '设置')
    ].filter(function (found) { return found !== null; });
  };

  function makeEntry(parent, i, spec) {
    var node = CT.el('div', 'menu-item', parent);
    node.tabIndex = -1;
    node.setAttribute('role', 'button');
    node.style.left = CT.u(LEFT + i % COLUMNS * (WIDTH + GAP));
    node.style.top = CT.u(TOP + Math.floor(i / COLUMNS) * (HEIGHT + GAP));
    CT.el('div', spec.label.length > 3 ? 'menu-label long' : 'menu-label', node, spec.label);
    if (spec.count) { CT.el('div', 'menu-count', node, spec.count > 99 ? '99+' : spec.count); }
    node.setAttribute('aria-label', spec.label + (spec.count ? ' ' + spec.count + ' 条新的' : ''));
    return node;
  }

  /* live: the screen below (CT.nav.window()). */
  CT.makeHomeMenu = function (node, live) {
    var holes = [CT.el('div', 'hole big', node), CT.el('div', 'hole small off', node)];
    var card = CT.el('div', 'window', node);
    var edge = CT.el('div', 'window-edge', node);
    var info = CT.el('div', 'window-info', node);
    var name = CT.el('div', 'window-name', info, '');
    var now = CT.el('div', 'window-now', info, '');
    var hint = CT.el('div', 'window-hint', info, 'OK 键全屏');
    var menu = CT.el('div', 'home-menu', node);
    var specs = CT.homeEntries().slice(0, COLUMNS * LINES);
    var nodes = specs.map(function (spec, i) { return makeEntry(menu, i, spec); });
    var small = false, shown = false, words = '', onWindow = false;

    CT.remove(edge);
    card.appendChild(edge);
    card.tabIndex = -1;
    card.setAttribute('role', 'button');

    function dressWindow() {
      CT.setClass(edge, 'window-edge' + (small ? ' off' : onWindow ? ' focus' : ''));
      CT.setClass(info, 'window-info' + (onWindow && !small ? ' focus' : ''));
      CT.moveTo(hint, 0, onWindow && !small ? 0 : AWAY);
    }

    function draw() {
      var here = live.state();
      var channel = CT.channels.byId(here.channel);
      if (!channel) { return; }
      var programme = CT.channels.programme(channel.id, here.at_s);
      CT.text(name, channel.number + '  ' + channel.name);
      CT.text(now, words || (programme ? CT.hourText(programme.start) + '  ' + programme.title : ''));
      card.setAttribute('aria-label', '看电视 ' + channel.name + (programme ? ' 正在播出 ' + programme.title : ''));
    }

    var row = {
      count: nodes.length + 1, index: 0,
      el: function (i) { return i ? nodes[i - 1] : card; },
      paint: function (i, focused) {
        if (i) { CT.setClass(nodes[i - 1], focused ? 'menu-item focus' : 'menu-item'); return; }
        onWindow = focused;
        dressWindow();
      },
      find: function (target) { return target === card ? 0 : nodes.indexOf(target) + 1 || -1; },
      label: function () { return row.index ? specs[row.index - 1].label : '看电视'; },
      press: function () { if (row.index) { specs[row.index - 1].act(); } else { CT.nav.live(null, null, true); } },
      /* Where an arrow leads: an index, 'down' to the rows, null at an edge; undefined for other keys. */
      step: function (fn) {
        var k = row.index - 1, n = nodes.length;
        if (fn === 'pagedown' || (fn === 'down' && (k < 0 || k + COLUMNS > n - 1 && Math.floor(k / COLUMNS) === Math.floor((n - 1) / COLUMNS)))) { return 'down'; }
        if (fn === 'down') { return Math.min(k + COLUMNS, n - 1) + 1; }
        if (fn === 'up' || fn === 'pageup') { return k >= COLUMNS ? k - COLUMNS + 1 : null; }
        if (fn === 'left') { return k < 0 ? null : k % COLUMNS ? k : 0; }
        if (fn === 'right') { return k < 0 ? 1 : k % COLUMNS < COLUMNS - 1 && k + 1 < n ? k + 2 : null; }
        return undefined;
      }
    };

    function place() {
      CT.nav.frame(small ? SMALL : BIG, function (told) { if (told !== words) { words = told; draw(); } });
    }

    /* The picture stands big above or small at the corner; only its player's area changes. */
    row.shrink = function (on) {
      if (small === on) { return; }
      small = on;
      CT.setClass(holes[0], on ? 'hole big off' : 'hole big');
      CT.setClass(holes[1], on ? 'hole small' : 'hole small off');
      CT.moveTo(menu, 0, on ? AWAY : 0); // hiding it would dress each of its nodes anew
      CT.moveTo(info, 0, on ? INFO_UP : 0);
      dressWindow();
      if (shown) { place(); }
    };
    row.tick = function () { draw(); CT.channels.freshen(draw); };
    row.show = function () { shown = true; place(); row.tick(); };
    row.hide = function () { shown = false; };
    row.close = function () { window.clearInterval(ticker); };
    var ticker = CT.every(row.tick, TICK_MS);
    dressWindow();
    return row;
  };
}(window.CT, window));
