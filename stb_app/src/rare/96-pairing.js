/* 绑定机顶盒: a code and a picture of it for a telephone; once somebody of the village has typed it, the box belongs
   to that place. Asked for every three seconds, and less often while the server is in trouble. */
(function (CT, window) {
  'use strict';
  var POLL_MS = 3000;

  /* The reply of POST /pairing, or null where it holds something else. */
  function readOffer(raw) {
    if (!CT.api.text(raw.code) || !CT.api.text(raw.secret)) { return null; }
    return { code: raw.code, secret: raw.secret, qr: CT.api.resolve(raw.qr), url: CT.api.text(raw.url),
      expires_s: CT.isNumber(raw.expires_s) && raw.expires_s > 0 ? raw.expires_s : 900 };
  }

  /* '482913' -> '482 913': easier to read out. */
  function spaced(code) { return code.replace(/(\d{3})(?=\d)/g, '$1 '); }

  CT.screens.pairing = function (root) {
    var node = CT.el('div', 'screen pairing', root);
    var board = CT.makeBoard();
    var stage = 'start', offer = null, sent = null, timer = null, attempt = 0, endsAt = 0, place = '', clock = null, ticker;

    function time() { return new Date().getTime(); }
    function quiet() {
      window.clearTimeout(timer);
      if (sent) { sent.cancel(); }
      sent = null;
      mender.close();
    }

    /* A page of big words, a sentence and buttons. */
    function page(words, sentence, specs) {
      CT.empty(node);
      clock = null;
      CT.el('div', 'set-heading', node, '绑定机顶盒');
      var empty = CT.el('div', 'empty', node);
      CT.el('div', 'empty-heading', empty, words);
      CT.el('div', 'empty-text', empty, sentence);
      hold(CT.makeButtons(CT.el('div', 'empty-buttons', empty), specs));
    }
    function hold(row) {
      board.rows = [row];
      board.r = 0;
      if (CT.nav.top() && CT.nav.top().node === node) { board.again(); } else { board.focus(0, 0); }
    }

    var back = { label: '返回', act: CT.nav.back };
    var PAGES = {
      start: function () { page('正在打开…', '请稍等', [back]); },
      bound: function () {
        page(CT.box.place || '已经绑定', '机顶盒编号 ' + CT.box.id + (CT.box.name ? '  ·  ' + CT.box.name : ''), [back, { label: '重新绑定', act: begin }]);
      },
      trouble: function () { page('暂时连不上县里的服务器', '电视没有坏，请过一会儿再试。', [{ label: '再试一次', act: begin }, back]); },
      expired: function () { page('验证码过期了', '为了安全，每个验证码只用十几分钟。按 OK 键换一个新的。', [{ label: '换一个', act: begin }, back]); },
      paired: function () {
        page('已绑定：' + (place || '本村'), '以后村里的通知和答复会送到这台电视。', [{ label: '好', act: finish }]);
      },
      waiting: drawOffer
    };
    function go(next) {
      stage = next;
      PAGES[next]();
    }

    function drawOffer() {
      CT.empty(node);
      CT.el('div', 'set-heading', node, '绑定机顶盒');
      var text = CT.el('div', 'pair-text', node);
      CT.el('div', 'pair-ask', text, '请村里的管理员用手机扫右边的图，或者在网页上输入：');
      var code = CT.el('div', 'pair-code', text, spaced(offer.code));
      code.setAttribute('role', 'status');
      code.setAttribute('aria-label', '验证码 ' + offer.code.split('').join(' '));
      clock = CT.el('div', 'pair-clock', text, '');
      CT.el('div', 'pair-url', text, offer.url.replace(/^https?:\/\//, '').replace(/\?.*$/, ''));
      var card = CT.el('div', 'pair-card', node);
      var qr = CT.el('div', 'pair-qr', card);
      qr.style.backgroundImage = CT.cssUrl(offer.qr);
      qr.setAttribute('role', 'img');
      qr.setAttribute('aria-label', '二维码，用手机扫一扫');
      hold(CT.makeButtons(CT.el('div', 'set-buttons', node), [{ label: '换一个', act: begin }, back]));
      tick();
    }

    function tick() {
      if (stage !== 'waiting') { return; }
      var left_s = Math.ceil((endsAt - time()) / 1000);
      if (left_s <= 0 || left_s > offer.expires_s + 5) { quiet(); go('expired'); return; } // the clock may have jumped
      CT.text(clock, '还有 ' + CT.clock(left_s));
    }

    var mender = CT.makeMender(function () { return screen; }, offerAnew);
    function begin() {
      quiet();
      go('start');
      offerAnew();
    }
    function offerAnew() {
      sent = CT.api.send('POST', '/pairing', { body: { model: CT.model() } }, function (error, raw) {
        offer = error ? null : readOffer(raw);
        mender.told(offer ? null : error || { kind: 'bad' });
        if (!offer) { if (stage !== 'trouble') { go('trouble'); } return; }
        endsAt = time() + offer.expires_s * 1000;
        attempt = 0;
        go('waiting');
        timer = CT.later(poll, POLL_MS);
      });
    }

    function poll() {
      sent = CT.api.send('GET', '/pairing/' + encodeURIComponent(offer.secret), null, onPoll);
    }
    function onPoll(error, raw) {
      if (error && (error.status === 404 || error.status === 410) || raw && raw.state === 'expired') { go('expired'); return; }
      if (raw && raw.state === 'paired' && CT.api.text(raw.token)) { bind(raw); return; }
      if (raw && raw.state === 'paired') { begin(); return; } // it was told once, and forgotten: a new code
      attempt = error ? attempt + 1 : 0;
      timer = CT.later(poll, attempt ? Math.max(POLL_MS, CT.backoff(attempt)) : POLL_MS);
    }

    /* What the box may see is another now: channels and home come anew. */
    function bind(raw) {
      CT.api.pair(raw.token);
      place = CT.api.text(raw.place);
      CT.save('home', null);
      CT.channels.load(function () {});
      CT.boxMoved();
      go('paired');
    }
    function finish() {
      if (!CT.nav.live()) { CT.nav.start(root, 'home'); }
    }

    ticker = CT.every(tick, 1000);
    if (CT.api.paired() && CT.box.id !== null) { go('bound'); } else { begin(); }
    var screen = {
      node: node, board: board,
      key: function (fn) {
        if (fn === 'ok') { board.rows[board.r].press(); return true; }
        return board.key(fn);
      },
      point: board.point,
      back: function () {
        if (stage !== 'paired') { return false; }
        finish();
        return true;
      },
      shown: function () { if (board.rows.length) { board.again(); } },
      relayout: function () { PAGES[stage](); },
      close: function () {
        window.clearInterval(ticker);
        quiet();
      },
      state: function () { return { stage: stage, code: offer ? offer.code : null, place: place }; }
    };
    return screen;
  };
}(window.CT, window));
