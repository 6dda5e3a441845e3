/* 我的: what was begun, what was kept, what was watched. The red key takes one away, 清空 all of a list; OK within a few
   seconds brings back what went. The server hears of it when that time is over. */
(function (CT) {
  'use strict';
  var MORE = 20; // cards ahead of the focus when the next page is asked for
  var SIZES = {
    normal: { columns: 4, rows: 2, across: 296, down: 252 },
    elder: { columns: 3, rows: 1, across: 390, down: 342 }
  };
  var TABS = [
    { name: 'resume', label: '继续看', heading: '还没有看到一半的节目', text: '没看完的节目会记在这里，下次接着看。' },
    { name: 'favourites', label: '收藏', heading: '还没有收藏', text: '在节目页面按“收藏”，喜欢的节目和频道就放在这里。' },
    { name: 'history', label: '看过', heading: '还没有看过节目', text: '看过的节目会记在这里。' }
  ];

  function make(name) {
    return function (root, params) {
      var node = CT.el('div', 'screen ' + name + ' mine', root);
      var board = CT.makeBoard();
      var tab = 0, size, ui, grid, gridRow, tabRow, message = null, dialog = null, cards = [];
      var past = { cards: null, next: null, asked: null, borrowed: false }; // the server's history as far as fetched; borrowed: the box's

      TABS.forEach(function (entry, i) { if (entry.name === (params.tab || name)) { tab = i; } });

      function kind() { return TABS[tab].name; }

      function tabNodes() {
        var specs = TABS.map(function (entry) { return { label: entry.label, act: enter }; }).concat({ label: '清空', act: askClear });
        var row = CT.makeButtons(ui.tabs, specs);
        var paint = row.paint;
        row.paint = function (i, focused) {
          paint(i, focused);
          CT.setClass(row.el(i), 'button tab' + (focused ? ' focus' : i === tab ? ' here' : ''));
        };
        specs.forEach(function (spec, i) { row.paint(i, false); });
        row.index = tab;
        return row;
      }

      function build() {
        size = CT.elder ? SIZES.elder : SIZES.normal;
        ui = { empty: null };
        CT.el('div', 'page-name', node, '我的');
        ui.tabs = CT.el('div', 'tabs', node);
        ui.port = CT.el('div', 'mine-port', node);
        ui.hint = CT.el('div', 'mine-hint off', node);
        CT.el('div', 'red-key', ui.hint);
        CT.el('span', '', ui.hint, '红色键：去掉这一个');
        CT.neverScroll(ui.port);
        tabRow = tabNodes();
        grid = CT.makeGrid(ui.port, CT.extend(CT.extend({ none: { title: '', category: '', category_name: '' } }, size), CT.cardCell));
        gridRow = { count: 0, index: gridRow ? gridRow.index : 0, el: grid.el, paint: grid.paint, find: grid.find,
          label: function () { return cards[gridRow.index].title; } };
      }

      function say(heading, sentence, label, act) {
        CT.remove(ui.empty);
        ui.empty = message = null;
        if (!heading) { return; }
        ui.empty = CT.el('div', 'empty', node);
        CT.el('div', 'empty-heading', ui.empty, heading);
        CT.el('div', 'empty-text', ui.empty, sentence);
        if (label) { message = CT.makeButtons(CT.el('div', 'empty-buttons', ui.empty), [{ label: label, act: act }]); }
      }

      function nothing() {
        var browse = CT.screens.browse;
        say(TABS[tab].heading, TABS[tab].text, browse ? '去看看节目' : null, function () { CT.nav.replace('browse'); });
      }

      var mender = CT.makeMender(function () { return screen; }, function () { if (kind() === 'history') { fetchPast(past.next); } });
      /* History comes from the server page by page when the box is paired; else it is what the box remembers. */
      function fetchPast(cursor) {
        if (past.asked) { return; }
        past.asked = CT.api.history(cursor, function (error, reply) {
          past.asked = null;
          mender.told(error);
          if (error && past.borrowed) { return; }
          if (error) {
            CT.note('暂时连不上服务器，这里是本机记下的');
            past.borrowed = !past.cards;
            past.cards = past.cards || CT.mine.seen();
          } else {
            past.cards = (past.borrowed ? [] : past.cards || []).concat(reply.items.map(CT.mine.past));
            past.borrowed = false;
            past.next = reply.next;
          }
          draw();
        });
      }

      function read() {
        if (kind() === 'resume') { return CT.resume.list(); }
        if (kind() === 'favourites') { return CT.mine.favourites(); }
        if (!CT.api.paired()) { return CT.mine.seen(); }
        if (!past.cards) { fetchPast(null); }
        return past.cards;
      }

      function draw() {
        var found = read();
        cards = found || [];
        gridRow.count = cards.length;
        gridRow.index = CT.clamp(gridRow.index, 0, Math.max(0, cards.length - 1));
        if (!found) { say('正在打开…', '请稍等'); } else if (cards.length) { say(null); } else { nothing(); }
        grid.load(CT.listSource(cards), gridRow.index);
        CT.setClass(ui.hint, cards.length ? 'mine-hint' : 'mine-hint off');
        board.rows = [tabRow].concat(cards.length ? gridRow : message || []);
        if (CT.nav.top() === screen && !dialog) { board.focus(Math.min(board.r, board.rows.length - 1)); }
      }

      function choose(i) {
        if (i >= TABS.length) { return; }
        var before = tab;
        tab = i;
        tabRow.paint(before, false);
        tabRow.paint(i, board.r === 0 && tabRow.index === i);
        if (before === i) { return; }
        gridRow.index = 0;
        draw();
      }

      function enter() { if (board.rows.length > 1) { board.focus(1); } else { CT.bump(); } }

      function drop() {
        var item = cards[gridRow.index];
        if (!item || board.rows[board.r] !== gridRow) { CT.bump(); return; }
        if (kind() === 'favourites') { goneFavourites([item.entry], '已去掉'); } else { goneHistory(item.id, '已去掉'); }
      }
      function goneFavourites(entries, sentence) {
        var gone = CT.favourites.take(entries);
        CT.mine.undoable(sentence, function () { CT.favourites.tellGone(gone); }, function () { CT.favourites.restore(gone); back(); });
        draw();
      }
      function goneHistory(id, sentence) {
        var gone = CT.resume.forget(id), before = past.cards;
        if (before) { past.cards = id === null ? [] : before.filter(function (card) { return card.id !== id; }); }
        CT.mine.undoable(sentence, function () {
          if (id !== null) { CT.resume.forget(id); } // what the server said meanwhile
          CT.mine.tellHistory(id);
        }, function () {
          CT.resume.restore(gone);
          past.cards = before;
          back();
        });
        draw();
      }
      function back() { if (!screen.closed) { draw(); } }

      function closeDialog() {
        if (!dialog) { return; }
        dialog.close();
        dialog = null;
        screen.board = board;
        board.again();
      }
      function askClear() {
        if (!gridRow.count) { CT.note('这里本来就是空的', 2); return; }
        dialog = CT.makeDialog(node, 'clear-dialog', '清空“' + TABS[tab].label + '”？', '这里的节目都会去掉。节目本身还在，随时可以再看。', [
          { label: '不清空', act: closeDialog }, { label: '清空', act: function () { closeDialog(); clear(); } }]);
        screen.board = dialog.board;
        dialog.board.again();
      }
      function clear() {
        board.focus(0, tab);
        if (kind() === 'favourites') { goneFavourites(CT.favourites.list(), '收藏已清空'); } else { goneHistory(null, '记录已清空'); }
      }

      function press() {
        if (board.rows[board.r] !== gridRow) { board.rows[board.r].press(); return; }
        var item = cards[gridRow.index];
        var entry = item.entry || { kind: 'title' };
        if (entry.kind === 'channel') { CT.nav.live(CT.channels.byId(entry.id)); }
        else if (entry.kind === 'series') { CT.nav.open('series', { id: entry.id, title: item.title }); }
        else { CT.nav.open('title', { card: item }); }
      }

      function inGrid(fn) {
        var to = grid.step(fn, gridRow.index, gridRow.count);
        if (to === undefined) { return false; }
        if (to === 'up') { board.focus(0, tab); } else if (typeof to === 'number') {
          board.focus(1, to);
          if (kind() === 'history' && past.next && to > cards.length - MORE) { fetchPast(past.next); }
        } else { CT.bump(); }
        return true;
      }

      var screen = {
        node: node, board: board, closed: false,
        key: function (fn) {
          if (dialog) { return dialog.key(fn); }
          if (fn === 'ok') { press(); return true; }
          if (fn === 'red') { drop(); return true; }
          if (board.rows[board.r] === gridRow) { return inGrid(fn); }
          if (!board.key(fn)) { return false; }
          if (board.r === 0) { choose(tabRow.index); }
          return true;
        },
        point: function (target) {
          var found = screen.board.point(target);
          if (found && !dialog && board.r === 0) { choose(tabRow.index); }
          return found;
        },
        back: function () {
          if (!dialog) { return false; }
          closeDialog();
          return true;
        },
        shown: function () { draw(); screen.board.again(); },
        relayout: function () {
          closeDialog();
          while (node.firstChild) { CT.remove(node.firstChild); }
          build();
          draw();
        },
        close: function () {
          screen.closed = true;
          mender.close();
          if (past.asked) { past.asked.cancel(); }
        },
        state: function () { return { tab: kind(), count: gridRow.count, dialog: !!dialog }; }
      };
      build();
      draw();
      CT.withRowDigits(screen, function () { return gridRow; }, function (i) { return cards[i].title; }, function () { return !!dialog; });
      CT.favourites.fetch(back);
      CT.api.resume(function (error, items) {
        if (error || CT.mine.pending() || screen.closed) { return; }
        CT.resume.learn(items);
        draw();
      });
      return screen;
    };
  }

  CT.screens.favourites = make('favourites');
  CT.screens.history = make('history');
}(window.CT));
