/* 本机信息: what the one who helps by telephone asks for, and how quick the way to the server is. */
(function (CT, window) {
  'use strict';
  var TESTS = 3;
  var SLOW_MS = 600;

  function engine() {
    var ua = window.navigator.userAgent || '';
    var found = /(Chrome)\/(\d+)/.exec(ua) || /(WebKit)\/(\d+)/.exec(ua) || /(Firefox)\/(\d+)/.exec(ua);
    return (found ? found[1] + ' ' + found[2] : '--') + '  ·  ' + CT.tier;
  }
  function player() {
    var usable = CT.players.usable();
    return usable.length ? usable[0].name : '没有';
  }
  function server() {
    var api = CT.api.resolve('/');
    return (api === '/' ? window.location.href : api).replace(/^(\w+:\/\/[^/#?]*).*$/, '$1');
  }

  /* How many functions of the remote are corrected. */
  CT.correctedKeys = function () {
    var keys = CT.load('keys') || CT.box.keys || {};
    return Object.keys(keys).length;
  };

  function facts() {
    var changed = CT.correctedKeys();
    return [['机顶盒编号', CT.box.id === null ? '还没有绑定' : CT.box.id + (CT.box.name ? '  ·  ' + CT.box.name : '')],
      ['地点', CT.box.place || '还没有绑定'], ['型号', CT.model()], ['浏览器', engine()], ['播放器', player()],
      ['遥控器', CT.profile + (changed ? '  ·  改过 ' + changed + ' 个键' : '')], ['版本', CT.version], ['服务器', server()]];
  }

  function judge(ms) {
    return '网络 ' + Math.round(ms) + ' 毫秒，' + (ms < SLOW_MS ? '很顺畅' : '有点慢');
  }

  /* The quickest of some requests in ms; done(null) when one got no answer at all. */
  function measure(done) {
    var best = Infinity, left = TESTS, at = 0;
    function once() {
      at = new Date().getTime();
      return CT.api.send('GET', '/box?model=' + encodeURIComponent(CT.model()), null, function (error) {
        if (error && error.kind !== 'http') { done(null); return; }
        best = Math.min(best, Math.max(1, new Date().getTime() - at));
        left -= 1;
        if (left) { once(); } else { done(best); }
      });
    }
    once();
  }

  CT.screens.about = function (root) {
    var node = CT.el('div', 'screen about', root);
    var board = CT.makeBoard();
    var result, closed = false, ms = null, testing = false;

    function test() {
      if (testing) { CT.bump(); return; }
      testing = true;
      CT.text(result, '正在测试…');
      measure(function (found) {
        testing = false;
        if (closed) { return; }
        ms = found;
        CT.text(result, found === null ? '连不上服务器，请检查网线' : judge(found));
      });
    }

    function build() {
      CT.el('div', 'set-heading', node, '本机信息');
      facts().forEach(function (fact, i) {
        var line = CT.el('div', 'about-line', node);
        CT.moveTo(line, 0, i * (CT.elder ? 58 : 56));
        CT.el('div', 'about-name', line, fact[0]);
        CT.el('div', 'about-value', line, fact[1]);
      });
      var row = CT.makeButtons(CT.el('div', 'set-buttons', node), [{ label: '测一测网络', act: test }, { label: '返回', act: CT.nav.back }]);
      result = CT.el('div', 'about-result', node, '');
      result.setAttribute('role', 'status');
      board.rows = [row];
    }

    var stop = CT.onBox(function () { redraw(); });
    function redraw() {
      CT.empty(node);
      build();
      board.again();
    }
    build();
    return {
      node: node, board: board,
      key: function (fn) {
        if (fn === 'ok') { board.rows[0].press(); return true; }
        return board.key(fn);
      },
      point: board.point,
      shown: board.again,
      relayout: redraw,
      close: function () { closed = true; stop(); },
      state: function () { return { ms: ms, testing: testing, facts: facts() }; }
    };
  };
}(window.CT, window));
