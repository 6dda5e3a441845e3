/* 节目单: channels by time, a week back and ahead. Up and down keep the time, left and right take the neighbour. */
(function (CT, window) {
  'use strict';
  var DAY_S = 86400, DAYS = 7, STEP_S = 1800;
  var REST_MS = 150, TICK_MS = 10000;

  CT.screens.guide = function (root) {
    var node = CT.el('div', 'screen guide', root);
    var channels = CT.channels.list;
    var earliest = CT.midnight(CT.now_s()) - DAYS * DAY_S, latest = CT.midnight(CT.now_s()) + (DAYS + 1) * DAY_S;
    var rows = CT.makeGuideRows(channels, changed);
    var view = null, top = 0, from = 0, r = 0, t = CT.now_s(), cell = null; // t: the instant the focus stands at
    var needTimer = null, dialog = null, closed = false, told = false;

    function build() {
      view = CT.makeGuideView(node, channels, rows.cells, function (channel, programme) {
        return CT.reminders.has(channel.id, programme.start);
      });
    }

    function inSight(anew) {
      rows.need(top, Math.min(top + view.size.rows, channels.length) - 1, from, from + view.size.span_s, anew);
    }
    /* Fetches what is in sight once the finger rests. */
    function need() {
      window.clearTimeout(needTimer);
      if (CT.keys.held()) { needTimer = CT.later(need, REST_MS); return; }
      inSight(false);
    }
    var mender = CT.makeMender(function () { return screen; }, function () { inSight(true); });

    function hintOf(programme) {
      var now = CT.now_s();
      if (!programme) { return 'OK 键看这个频道'; }
      if (programme.start > now) { return CT.reminders.has(channels[r].id, programme.start) ? '已设提醒，OK 键取消' : 'OK 键设提醒'; }
      if (programme.stop > now) { return '正在播出，OK 键观看'; }
      return programme.catchup_url ? 'OK 键回看' : '没有录下来';
    }

    function describe() {
      var p = cell && cell.programme;
      var when = p ? CT.dayText(p.start) + ' ' + CT.hourText(p.start) + '–' + CT.hourText(p.stop) : CT.dayText(t);
      view.words(p ? p.title : channels[r].name, when + '　' + hintOf(p));
      var el = view.el();
      if (el && p) { el.setAttribute('aria-label', channels[r].name + ' ' + when + ' ' + p.title + ' ' + hintOf(p)); }
    }

    function follow() {
      window.clearTimeout(needTimer);
      needTimer = CT.later(function () { if (!dialog && CT.nav.top() === screen) { CT.focusNow(view.el()); } need(); }, REST_MS);
    }

    /* Puts the window where the focus is seen, draws what changed, and says what is focused. */
    function draw(all) {
      var span = view.size.span_s;
      top = CT.clamp(CT.clamp(top, r - view.size.rows + 1, r), 0, Math.max(0, channels.length - view.size.rows));
      if (t < from || t >= from + span - 300) { from = Math.floor((t - span / 4) / STEP_S) * STEP_S; all = true; }
      view.show(top, from, all);
      cell = view.mark(r, t);
      if (!cell) { // too many short programmes before it: begin with it
        from = Math.floor(t / 300) * 300;
        view.show(top, from, true);
        cell = view.mark(r, t);
      }
      if (all) { view.tick(); }
      describe();
      follow();
    }

    function changed(error) {
      if (closed) { return; }
      if (error && !told) { CT.note('节目单暂时取不到，可以照常换台'); }
      told = !!error;
      mender.told(error);
      draw(true);
    }

    function down(step) {
      var to = CT.clamp(r + step, 0, channels.length - 1);
      if (to === r) { CT.bump(); return; }
      r = to;
      draw();
    }
    function right() {
      var to = cell ? cell.stop : t + STEP_S;
      if (to >= latest) { CT.bump(); return; }
      t = to;
      draw();
    }
    function left() {
      var to = (cell ? cell.start : t) - 1;
      if (to < earliest) { CT.bump(); return; }
      var before = rows.cells(r, Math.max(earliest, to - view.size.span_s), to + 1);
      var begin = before[before.length - 1].start;
      t = Math.max(begin, to - view.size.span_s / 2);
      draw();
    }
    function turnDay(days) {
      var to = CT.clamp(t + days * DAY_S, earliest, latest - STEP_S);
      if (to === t) { CT.bump(); return; }
      from += to - t;
      t = to;
      draw(true);
    }

    function closeDialog() {
      if (dialog) { dialog.close(); }
      dialog = screen.board = null;
      CT.focusNow(view.el());
    }
    function askRunning(channel, programme) {
      var specs = [{ label: '看直播', act: function () { CT.nav.live(channel); } }];
      if (channel.window_s > 0) {
        specs.push({ label: '从头看', act: function () { CT.nav.live(channel, programme.start); } });
      }
      specs.push({ label: '返回', act: closeDialog });
      dialog = CT.makeDialog(node, 'choice', programme.title, channel.name + ' 正在播出', specs);
      screen.board = dialog.board;
      dialog.board.again();
    }

    function press() {
      var channel = channels[r], p = cell && cell.programme, now = CT.now_s();
      if (!p) { CT.nav.live(channel); } else if (p.start > now) {
        CT.note(CT.reminders.toggle(channel, p) ? '到时候会提醒您' : '已取消提醒', 2);
        draw(true);
      } else if (p.stop > now) { askRunning(channel, p); }
      else if (p.catchup_url) { CT.nav.open('catchup', { channel: channel, programme: p }); }
      else { CT.note('这个节目没有录下来'); }
    }

    var DOWN = { up: -1, down: 1, pageup: -6, pagedown: 6, chup: -6, chdown: 6 };
    var DAY = { rew: -1, ff: 1, red: -1, green: 1 };
    function onKey(fn) {
      if (CT.has(DOWN, fn)) { down(DOWN[fn]); }
      else if (fn === 'left') { left(); }
      else if (fn === 'right') { right(); }
      else if (CT.has(DAY, fn)) { turnDay(DAY[fn]); }
      else if (fn === 'ok') { press(); }
      else { return false; }
      return true;
    }

    var ticker = CT.every(function () {
      if (CT.nav.top() !== screen) { return; }
      view.tick();
      need();
    }, TICK_MS);
    var screen = {
      node: node, board: null,
      key: function (fn) { return dialog ? dialog.key(fn) : onKey(fn); },
      point: function (found) {
        if (dialog) { return dialog.board.point(found); }
        var place = view.find(found);
        if (place) { r = place.row; t = place.t; draw(); }
        return !!place;
      },
      back: function () {
        if (!dialog) { return false; }
        closeDialog();
        return true;
      },
      shown: function () {
        draw(true);
        if (dialog) { dialog.board.again(); } else { CT.focusNow(view.el()); }
      },
      relayout: function () {
        while (node.firstChild) { CT.remove(node.firstChild); }
        dialog = screen.board = null;
        build();
        draw(true);
      },
      close: function () {
        closed = true;
        mender.close();
        window.clearInterval(ticker);
        window.clearTimeout(needTimer);
        rows.close();
      },
      state: function () {
        var p = cell && cell.programme;
        return { row: r, channel: channels[r].id, t: t, from: from, span_s: view.size.span_s, title: p ? p.title : null,
          start: p ? p.start : null, words: cell ? cell.words : null, dialog: !!dialog, blocks: rows.size() };
      }
    };
    r = Math.max(0, CT.channels.indexOf(CT.load('channel')));
    from = Math.floor((t - 600) / STEP_S) * STEP_S;
    top = r - 2;
    build();
    draw(true);
    need();
    return CT.withDigits(screen, { busy: function () { return !!dialog; },
      name: function (number) { return (CT.channels.byNumber(number) || { name: '' }).name; },
      take: function (number) {
        var found = CT.channels.byNumber(number), to = found ? channels.indexOf(found) : -1;
        if (to < 0) { return '没有这个频道'; }
        down(to - r);
        return '';
      } });
  };
}(window.CT, window));
