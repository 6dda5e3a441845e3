/* The picture: OK pauses, arrows seek with a preview, one key for what is on, once more for captions, Back closes and
   then leaves. */
(function (CT, window) {
  'use strict';
  var COMMIT_MS = 1200;
  var HIDE_MS = 4000;
  var TICK_MS = 500;
  var HINTS = { playing: 'OK 键暂停，左右键快退快进', paused: '已暂停，按 OK 键继续', loading: '正在加载…', trouble: '网络不太顺畅，正在重试…' };

  /* subject: {card, start_s, ask(done, onRetry), label(s, session) or null, findNext(done(next)) where next is
     {name, title, play()}, leave: {label, act}}. */
  function makePlayer(root, subject) {
    var card = subject.card;
    var node = CT.el('div', 'screen player', root);
    var host = CT.el('div', 'player-host', node);
    var captions = CT.makeCaptions(node);
    var banner = CT.el('div', 'banner off', node);
    CT.el('div', 'banner-title', banner, card.title);
    var clock = CT.el('div', 'banner-clock', banner, CT.wallClock());
    var badge = CT.el('div', 'badge off', node, '');
    var bar = CT.makeSeekbar(node);
    var menu = CT.makeCaptionMenu(node, bar.node, captions);
    var dialog = null, target = null, commitTimer = null, hideTimer = null, shown = false, next = null, closed = false;

    node.tabIndex = -1;
    node.setAttribute('role', 'application');
    node.setAttribute('aria-label', '正在播放 ' + card.title);

    function refresh() {
      if (target === null) { bar.set(session.position(), session.duration(), HINTS[session.state] || '', label); }
    }

    /* Captions and signs make room for what is shown; while a place is sought its picture is looked at. */
    function arrange() {
      screen.board = (dialog || menu).board;
      menu.refresh();
      captions.move(dialog || target !== null ? 'off' : menu.board ? 'high' : shown ? 'lifted' : '');
      CT.setClass(node, 'screen player' + (captions.any() ? ' captioned' : '') + (menu.board ? ' choosing' : ''));
    }

    function hide() {
      window.clearTimeout(hideTimer);
      shown = false;
      target = null;
      menu.close();
      bar.endPreview();
      bar.show(false);
      CT.setClass(banner, 'banner off');
      arrange();
    }

    /* Shows banner and bar; they go by themselves while the picture runs. */
    function show() {
      shown = true;
      CT.text(clock, CT.wallClock());
      CT.setClass(banner, 'banner');
      bar.show(true);
      refresh();
      captions.look();
      arrange();
      window.clearTimeout(hideTimer);
      hideTimer = CT.later(function () { if (session.state === 'playing' && target === null && !menu.board) { hide(); } }, HIDE_MS);
    }

    function commit() {
      window.clearTimeout(commitTimer);
      if (target === null) { return; }
      session.seek(target);
      target = null;
      bar.endPreview();
      show();
    }

    function seekBy(seconds) {
      if (!session.started) { show(); return; }
      menu.close();
      var length = session.duration();
      target = CT.clamp((target === null ? session.position() : target) + seconds, 0, Math.max(0, length - 1));
      if (!shown) { show(); }
      bar.set(target, length, '按 OK 键跳到这里', label);
      bar.preview(target, length, session.detail && session.detail.sprite, subject.label);
      arrange();
      window.clearTimeout(commitTimer);
      commitTimer = CT.later(commit, COMMIT_MS);
    }

    function toggle() {
      if (session.state === 'paused') { session.resume(); } else { session.pause(); }
      show();
    }

    function closeDialog() {
      if (dialog) { dialog.close(); }
      dialog = null;
      arrange();
    }
    function ask(name, heading, sentence, specs) {
      closeDialog();
      hide();
      dialog = CT.makeDialog(node, name, heading, sentence, specs);
      arrange();
      dialog.board.again();
    }
    function replay() { closeDialog(); CT.focusNow(node); session.seek(0); }

    function askEnd() {
      var specs = [{ label: '重播', act: replay }, subject.leave];
      if (next) { specs.unshift({ label: next.name, act: next.play }); }
      ask('end', '看完了', next ? next.name + '：' + next.title : card.title, specs);
    }
    /* What lies at the network comes back: the dialog stays until the picture moves. */
    var mending = false, mender = CT.makeMender(function () { return screen; }, function () { mending = true; session.mend(); });
    function askFailed() {
      var error = session.error || { kind: 'media' };
      mender.told(error.kind === 'media' ? null : error);
      if (mending && dialog) { return; }
      var gone = session.error && !CT.mayRetry(session.error);
      ask('failed', gone ? CT.sorry(session.error) : '暂时放不出来', gone ? card.title : '电视没有坏。请再试一次，或者先看别的节目。', [
        { label: '再试一次', act: function () { mending = false; closeDialog(); CT.focusNow(node); session.retry(); } }, subject.leave]);
    }

    var WORDS = { loading: '正在加载…', paused: '已暂停', trouble: '网络不太顺畅，正在重试…' };
    function tell(state) {
      if (closed) { return; }
      captions.look();
      CT.setClass(badge, WORDS[state] ? 'badge' : 'badge off');
      CT.text(badge, WORDS[state] || '');
      if (state === 'ended') { askEnd(); return; }
      if (state === 'failed') { askFailed(); return; }
      if (state === 'preparing') {
        if (!dialog) { ask('preparing', '正在准备，请稍后', '准备好了会自动播放。', [subject.leave]); }
        return;
      }
      if (dialog && state === (mending ? 'playing' : 'loading')) { mending = false; mender.told(null); closeDialog(); CT.focusNow(node); }
      if (state === 'paused') { show(); } else if (shown) { show(); }
    }

    /* A key while the picture has the focus; false leaves it to the rule of Back and the rest. */
    function onKey(fn, held) {
      if (menu.key(fn, shown && target === null)) { show(); }
      else if (fn === 'ok' || fn === 'playpause') {
        if (target !== null) { commit(); } else if (session.started) { toggle(); } else { show(); }
      } else if (fn === 'play') { session.resume(); show(); }
      else if (fn === 'pause') { session.pause(); show(); }
      else if (fn === 'left') { seekBy(-CT.seekStep(held)); }
      else if (fn === 'right') { seekBy(CT.seekStep(held)); }
      else if (fn === 'rew') { seekBy(-3 * CT.seekStep(held)); }
      else if (fn === 'ff') { seekBy(3 * CT.seekStep(held)); }
      else if (fn === 'up' || fn === 'down' || fn === 'info') { if (shown && target === null) { hide(); } else { show(); } }
      else if (fn === 'stop') { CT.nav.back(); }
      else { return false; }
      return true;
    }

    /* Where the picture knows its own time of day, that is shown. */
    var label = subject.label && function (s) { return subject.label(s, target === null ? session.date() : 0) + subject.span; };
    var session = CT.makeSession(host, card, subject.start_s, subject.ask, tell);
    var ticker = CT.every(function () { session.tick(); captions.look(); if (shown) { refresh(); } }, TICK_MS);
    captions.follow(session);
    tell('loading');
    subject.findNext(function (found) { next = found; });
    var screen = {
      node: node, board: null,
      key: function (fn, held) { return dialog ? dialog.key(fn) : onKey(fn, held); },
      point: function (found) { return screen.board ? screen.board.point(found) : found === node; },
      back: function () {
        if (dialog || !shown) { return false; }
        window.clearTimeout(commitTimer);
        hide();
        return true;
      },
      shown: function () { if (screen.board) { screen.board.again(); } else { CT.focusNow(node); } },
      hidden: function () { session.pause(); },
      saveNow: function () { session.saveNow(); },
      close: function () {
        closed = true;
        mender.close();
        window.clearInterval(ticker);
        window.clearTimeout(commitTimer);
        window.clearTimeout(hideTimer);
        captions.close();
        session.close();
      },
      state: function () {
        return { id: card.id, state: session.state, position_s: session.position(), duration_s: session.duration(),
          engine: session.engine, target_s: target, bar: shown, dialog: !!dialog, next: next ? next.title : null, captions: captions.state() };
      }
    };
    return screen;
  }

  /* A title of the catalogue, and the next one of its series. */
  function film(card, start_s) {
    function findNext(done) {
      if (!card.series_id) { return; }
      CT.api.series(card.series_id, function (error, series) {
        if (error) { return; }
        series.items.forEach(function (item, i) {
          var after = item.id === card.id && series.items[i + 1];
          if (after) { done({ name: '下一集', title: after.title, play: function () {
            CT.nav.replace('player', { card: after, start_s: CT.resume.find(after.id) });
          } }); }
        });
      });
    }
    return { card: card, start_s: start_s || 0, label: null, findNext: findNext, leave: { label: '返回', act: CT.nav.back },
      ask: function (done, onRetry) { return CT.api.title(card.id, done, onRetry); } };
  }

  /* A past programme of a channel: its times are those of the day, after it comes the next one or live. */
  function catchup(channel, programme) {
    var first = programme.catchup_url;
    function same(items) { return items.filter(function (item) { return item.start === programme.start; })[0]; }

    /* The address at hand is tried first; once it ran out, the guide has a new one. */
    function ask(done) {
      if (first) {
        var url = first;
        first = null;
        CT.later(function () { done(null, { playback_url: url }); }, 0);
        return { cancel: function () {} };
      }
      return CT.api.guide(channel.id, programme.start, programme.start + 1, function (error, items) {
        var now = !error && same(items);
        if (now && now.catchup_url) { done(null, { playback_url: now.catchup_url }); } else {
          done(error || { kind: 'http', status: 404 });
        }
      });
    }

    function findNext(done) {
      CT.api.guide(channel.id, programme.stop, programme.stop + 3600, function (error, items) {
        var after = !error && items.filter(function (item) { return item.start >= programme.stop && item.catchup_url; })[0];
        if (!after || after.start > CT.now_s()) { return; }
        done({ name: '下一个节目', title: after.title, play: function () {
          if (after.stop > CT.now_s()) { CT.nav.live(channel, after.start); } else {
            CT.nav.replace('catchup', { channel: channel, programme: after });
          }
        } });
      });
    }
    return { card: { id: null, title: programme.title, duration_s: programme.stop - programme.start }, start_s: 0, ask: ask,
      findNext: findNext, leave: { label: '回到直播', act: function () { CT.nav.live(channel); } },
      span: '　' + CT.hourText(programme.start) + '–' + CT.hourText(programme.stop),
      label: function (s, date) { return CT.hourText(date || programme.start + s, true); } };
  }

  CT.screens.player = function (root, params) { return makePlayer(root, film(params.card, params.start_s)); };
  CT.screens.catchup = function (root, params) { return makePlayer(root, catchup(params.channel, params.programme)); };
}(window.CT, window));
