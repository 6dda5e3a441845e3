/* 看电视: the picture over the whole screen. Up and down change the channel, left and right move in time, digits
   name a channel, OK opens the list (and pauses what is not live), Back leads to live and then to a few buttons. */
(function (CT, window) {
  'use strict';
  var HELD_MS = 160;    // a held channel key tunes when it is let go
  var SLOW_MS = 900;    // a picture that takes longer is said to be loading
  var TICK_MS = 500;
  var WORDS = { loading: '正在加载…', paused: '已暂停', trouble: '网络不太顺畅，正在重试…', failed: '这个频道暂时没有信号' };

  CT.screens.live = function (root) {
    var node = CT.el('div', 'screen live player', root);
    var host = CT.el('div', 'player-host', node);
    var badge = CT.el('div', 'badge off', node, '');
    var menu = CT.makeLiveMenu(node);
    var list = null, at = 0; // at: index of the channel shown
    var tuneTimer = null, slowTimer = null, covered = true;
    var seen = CT.channels.list, frame = null; // frame(words): the page above, in whose window the picture goes on
    var digits, air, seek, banner, screen;

    node.tabIndex = -1;
    node.setAttribute('role', 'application');

    function channel() { return CT.channels.list[at] || air.channel; }

    function hide() {
      seek.drop();
      banner.hide();
    }

    /* The list may be another one than when we tuned. */
    function keepPlace() {
      seen = CT.channels.list;
      if (!air.channel || tuneTimer !== null) { return; }
      var known = CT.channels.byId(air.channel.id);
      at = Math.max(0, CT.channels.indexOf(air.channel.id));
      if (known) { air.channel = known; } else if (seen.length) { // taken away, or no more for this box
        CT.note('“' + air.channel.name + '”现在看不了，换到' + seen[0].name, 8);
        tune(0);
      }
    }
    function freshened() {
      banner.refresh();
      if (list) { list.refresh(); }
    }

    function say(state) {
      CT.setClass(badge, WORDS[state] && !frame ? 'badge' : 'badge off');
      CT.text(badge, WORDS[state] || '');
      if (frame) { frame(WORDS[state] || ''); }
    }

    function tell(state) {
      window.clearTimeout(slowTimer);
      if (state === 'loading') { slowTimer = CT.later(function () { say('loading'); }, SLOW_MS); return; }
      say(state);
      if (state === 'weak') { CT.note('网络不太顺畅，正在重试…'); }
      if (state === 'playing') { CT.moreSoon(); }
      if (state === 'paused' || (state === 'playing' && banner.shown())) { banner.show(); } else { banner.refresh(); }
    }

    function tune(index, epoch_s) {
      window.clearTimeout(tuneTimer);
      tuneTimer = null;
      at = index;
      seek.drop();
      say('');
      air.tune(CT.channels.list[at], epoch_s);
      node.setAttribute('aria-label', '正在看 ' + channel().name);
      banner.show();
    }

    /* One channel on or back, around the end. The first press tunes at once, a held key when it rests. */
    function zap(step, held) {
      var count = CT.channels.list.length;
      if (!count) { CT.bump(); return; }
      var next = (at + step + count) % count;
      if (!held) { tune(next); return; }
      at = next;
      seek.drop();
      air.halt();
      say('');
      banner.show();
      window.clearTimeout(tuneTimer);
      tuneTimer = CT.later(function () { tune(at); }, HELD_MS);
    }

    function tuneNumber(number) {
      var found = CT.channels.byNumber(number) || (number === 0 && CT.channels.byId(CT.channels.last));
      if (!found) { return '没有这个频道'; }
      closeList();
      closeMenu();
      tune(CT.channels.indexOf(found.id));
      return '';
    }

    function pause() {
      if (air.state === 'paused') { air.resume(); } else { air.pause(); }
      banner.show();
    }

    function closeMenu() {
      if (!menu.board) { return; }
      menu.close();
      screen.board = null;
      CT.focusNow(node);
      banner.show();
    }
    function leaveFor(work) { return function () { closeMenu(); hide(); work(); }; }
    function openMenu() {
      var favourite = CT.favourites ? [{ label: CT.favourites.has('channel', channel().id) ? '已收藏' : '收藏',
        act: leaveFor(function () { CT.favourites.toggle('channel', channel().id); }) }] : [];
      screen.board = menu.open([
        { label: '首页', act: leaveFor(CT.nav.home) }, { label: '选台', act: leaveFor(openList) },
        { label: '节目单', act: leaveFor(CT.nav.guide) }, { label: '从头看', act: leaveFor(seek.startOver) },
        { label: '暂停', act: leaveFor(pause) }].concat(favourite, { label: CT.elder ? '标准字' : '大字', act: leaveFor(CT.nav.toggleElder) }));
      banner.show();
    }

    function closeList() {
      if (!list) { return; }
      list.close();
      list = screen.board = null;
      CT.focusNow(node);
    }
    function openList() {
      if (!CT.makeChannelList) { CT.note('正在打开…', 3); }
      CT.more(function (ok) {
        if (!ok) { CT.note('网络不太顺畅，请用上下键换台'); return; }
        if (covered || list || menu.board) { return; }
        hide();
        list = CT.makeChannelList(node, channel(), function (chosen) {
          closeList();
          if (air.channel && chosen.id === air.channel.id && !air.shifted()) { banner.show(); } else { tune(CT.channels.indexOf(chosen.id)); }
        });
        screen.board = list.board;
        list.board.again();
        CT.channels.freshen(freshened);
      });
    }

    var SEEK = { left: -1, right: 1, rew: -6, ff: 6 };
    var ZAP = { up: 1, chup: 1, pageup: 1, down: -1, chdown: -1, pagedown: -1 };

    function onKey(fn, held) {
      if (CT.has(ZAP, fn)) { zap(ZAP[fn], held); }
      else if (CT.has(SEEK, fn)) { seek.by(SEEK[fn] * CT.seekStep(held)); }
      else if (fn === 'ok') { if (seek.target() !== null) { seek.commit(); } else if (air.shifted()) { pause(); } else { openList(); } }
      else if (fn === 'playpause' || fn === 'pause') { pause(); }
      else if (fn === 'play') { air.resume(); banner.show(); }
      else if (fn === 'stop' || fn === 'live') { if (air.shifted()) { air.live(); } banner.show(); }
      else if (fn === 'info') { if (banner.shown()) { hide(); } else { banner.show(); } }
      else if (fn === 'last') { tuneNumber(0); }
      else { return false; }
      return true;
    }

    function tick() {
      if (covered && !frame) { return; }
      if (seen !== CT.channels.list) { keepPlace(); }
      air.tick();
      banner.refresh();
      if (list) { CT.channels.freshen(freshened); }
    }

    air = CT.makeAir(host, tell);
    digits = CT.makeDigits(node, function (number) {
      var found = CT.channels.byNumber(number);
      return found ? found.name : '';
    }, tuneNumber);
    seek = CT.makeSeek({ air: air, channel: channel, show: function () { banner.show(); } });
    banner = CT.makeBanner(node, { air: air, channel: channel, freshened: freshened,
      target: seek.target, stays: function () { return !!menu.board; }, hushed: function () { return !!frame; } });
    var ticker = CT.every(tick, TICK_MS);

    /* Something comes above: what lies over the picture goes. */
    function cover() {
      covered = true;
      if (tuneTimer !== null) { tune(at); } // a held key had not tuned yet
      closeMenu();
      digits.hide();
      hide();
    }
    function wake() {
      if (!air.channel) { tune(Math.max(0, CT.channels.list.indexOf(CT.channels.first()))); } else { keepPlace(); air.wake(); }
    }

    screen = {
      node: node, board: null,
      key: function (fn, held) {
        if (digits.key(fn)) { return true; }
        if (list) { return list.key(fn, held); }
        return menu.board ? menu.key(fn) : onKey(fn, held);
      },
      point: function (found) { return screen.board ? screen.board.point(found) : found === node; },
      back: function () {
        if (menu.board) { closeMenu(); hide(); } else if (list) { closeList(); }
        else if (seek.target() !== null) { hide(); }
        else if (air.shifted()) { air.live(); banner.show(); }
        else if (banner.shown()) { hide(); }
        else { openMenu(); }
        return true;
      },
      /* Goes live, or to a channel and an instant given. */
      tune: function (to, epoch_s) {
        closeMenu();
        closeList();
        digits.hide();
        if (to) { tune(Math.max(0, CT.channels.indexOf(to.id)), epoch_s); } else if (air.channel && air.shifted()) {
          if (covered && !frame) { air.forget(); } else { air.live(); }
        }
      },
      shown: function () {
        covered = false;
        frame = null;
        air.area(0, 0, 1280, 720);
        say(air.state);
        wake();
        if (screen.board) { screen.board.again(); } else { CT.focusNow(node); }
      },
      hidden: function () {
        frame = null;
        cover();
        air.halt();
      },
      /* The page above has a window of [l, t, w, h] design px: the picture goes on in it; tell(words) of its troubles. */
      frame: function (area, tell) {
        if (!frame) { closeList(); cover(); }
        frame = tell;
        air.area.apply(air, area);
        say(air.state);
        wake();
      },
      openList: openList,
      relayout: closeList,
      close: function () {
        window.clearInterval(ticker);
        [tuneTimer, slowTimer].forEach(function (timer) { window.clearTimeout(timer); });
        seek.drop();
        digits.hide();
        banner.hide();
        air.close();
      },
      state: function () {
        return { channel: channel().id, number: channel().number, state: air.state, engine: air.engine, at_s: air.at(),
          shifted: air.shifted(), target_s: seek.target(), banner: banner.shown(), menu: !!menu.board, list: !!list, typed: digits.typed() };
      }
    };
    return screen;
  };
}(window.CT, window));
