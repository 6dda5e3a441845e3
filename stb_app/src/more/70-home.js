/* Home: live television goes on in a window with the menu beside it; below, 继续看 and a row per category, every card a
   key away. Where there is no channel the rows stand alone. */
(function (CT) {
  'use strict';
  var REFRESH_MS = 300000;
  var STALE_MS = 60000;
  var IDLE_S = 20; // without a key live television takes the whole screen again

  CT.screens.home = function (root) {
    var live = CT.nav.window();
    var node = CT.el('div', live ? 'screen home framed' : 'screen home', root);
    var view = CT.makeHomeView(node, live);
    var board = CT.makeBoard(view.onRow);
    var raw = CT.load('home');
    var home = raw && CT.api.readHome(raw);
    var asked = null, askedAt = 0, refreshTimer = null, touched = false, offline = false, idle = null, stale = false;

    function models() {
      var begun = CT.resume.list();
      var rows = home ? home.rows : [];
      return begun.length ? [{ id: 'resume', name: '继续看', items: begun }].concat(rows) : rows;
    }

    /* Where the focus stood, by names: the list under it may change. */
    function placeOf() {
      var row = board.rows[board.r];
      var item = row && row.model && row.model.items[row.index];
      return { row: row && row.model ? row.model.id : null, item: item ? item.id : null, bar: !!row && !row.model, at: row ? row.index : 0 };
    }

    /* The window stands first where there is one, else the first row of cards. */
    function start() { return live ? 0 : Math.min(1, board.rows.length - 1); }

    function restore(place) {
      var firstRow = start();
      if (!touched) { board.focus(firstRow, 0); return; }
      if (place.bar) { board.focus(0, place.at); return; }
      for (var r = 1; r < board.rows.length; r += 1) {
        var model = board.rows[r].model;
        if (!model || model.id !== place.row) { continue; }
        for (var i = 0; i < model.items.length; i += 1) {
          if (model.items[i].id === place.item) { board.focus(r, i); return; }
        }
        board.focus(r, 0);
        return;
      }
      board.focus(firstRow);
    }

    function message() {
      if (home) { return ['还没有节目', '县里发布节目以后，会出现在这里。', '刷新']; }
      if (offline) { return ['暂时连不上县里的服务器', '电视没有坏，正在自动重试。也可以按 OK 键马上再试。', '马上再试']; }
      return ['正在打开…', '请稍等', '刷新'];
    }

    function draw() {
      var place = placeOf();
      var list = models();
      var words = message();
      board.r = 0;
      board.rows = view.load(list, list.length ? null : { heading: words[0], text: words[1], button: words[2], act: fetchNow });
      restore(place);
    }

    function onHome(error, answer) {
      asked = null;
      refreshTimer = CT.later(fetchNow, error ? STALE_MS : REFRESH_MS * (0.8 + 0.4 * Math.random()));
      if (error) { offline = true; if (!home) { draw(); } return; }
      if (offline) { CT.clearNote(); }
      offline = false;
      var changed = !home || JSON.stringify(answer.raw) !== JSON.stringify(raw);
      raw = answer.raw;
      home = answer.home;
      if (changed) { CT.save('home', raw); draw(); }
    }

    function onRetry(error) {
      if (!offline) { CT.note(CT.sorry(error)); }
      offline = true;
      if (!home) { draw(); }
    }

    function fetchNow() {
      if (asked) { asked.cancel(); }
      window.clearTimeout(refreshTimer);
      askedAt = new Date().getTime();
      asked = CT.api.home(onHome, onRetry);
      CT.api.resume(function (error, items) {
        if (!error) { CT.resume.learn(items); draw(); }
      });
    }

    function press() {
      var row = board.rows[board.r];
      if (row.press) { row.press(); return; }
      CT.nav.open('title', { card: row.model.items[row.index] });
    }

    /* CT.load('idle'): seconds another choice of this box; 0 never. */
    function rest() {
      var chosen = CT.load('idle');
      var seconds = CT.isNumber(chosen) ? Math.min(chosen, 86400) : IDLE_S; // timers hold no more than 24 days
      window.clearTimeout(idle);
      if (live && seconds > 0) { idle = CT.later(function () { CT.nav.live(null, null, true); }, seconds * 1000); }
    }

    function arrow(fn) {
      var to = live && board.r === 0 ? board.rows[0].step(fn) : undefined;
      if (to === undefined) { return board.key(fn); }
      if (to === 'down') { return board.key('down'); }
      if (to === null) { CT.bump(); } else { board.focus(0, to); }
      return true;
    }

    function rebuild() {
      stale = false;
      view.rebuild();
      draw();
    }
    /* The numbers on the menu are those of CT.box. */
    var deaf = CT.onBox ? CT.onBox(function () {
      stale = true;
      if (CT.nav.top() === screen) { rebuild(); view.show(); }
    }) : null;

    draw();
    fetchNow();
    var screen = {
      node: node,
      board: board,
      key: function (fn) {
        rest();
        if (fn === 'ok') { touched = true; press(); return true; }
        if (!arrow(fn)) { return false; }
        touched = true;
        return true;
      },
      point: function (target) { touched = true; rest(); return board.point(target); },
      /* Back on home leads to live; without a channel to the first card, and there it ends. */
      back: function () {
        if (CT.nav.live(null, null, !!live)) { return true; }
        if (board.r === start() && board.rows[board.r].index === 0) { CT.bump(); } else { board.focus(start(), 0); }
        return true;
      },
      toStart: function () { board.focus(start(), 0); },
      shown: function () {
        if (stale) { rebuild(); } else { draw(); }
        view.show();
        board.again();
        rest();
        if (Math.abs(new Date().getTime() - askedAt) > STALE_MS) { fetchNow(); }
      },
      hidden: function () { window.clearTimeout(idle); view.hide(); },
      relayout: rebuild,
      close: function () {
        if (asked) { asked.cancel(); }
        window.clearTimeout(refreshTimer);
        window.clearTimeout(idle);
        if (deaf) { deaf(); }
        view.close();
      },
      state: function () {
        return CT.extend({ rows: models().length, offline: offline, window: !!live, small: board.r > 0 }, live ? { live: live.state() } : {});
      }
    };
    return screen;
  };
  CT.screens.home.framed = true; // live goes on below it
}(window.CT));
