/* 遥控器教学: six keys, one after another, each waited for on a picture of the remote. Offered after the first boot to
   who has not pressed a key yet; it never comes by itself. */
(function (CT, window) {
  'use strict';
  var NEXT_MS = 1600;    // for reading the praise

  /* {keys: functions that are right, ask, praise, lit: keys of the picture} */
  var STEPS = [
    { keys: ['up', 'down', 'chup', 'chdown', 'pageup', 'pagedown'], lit: ['up', 'down'], ask: '换台：请按【上】或者【下】',
      praise: '对了！看电视时，这样就换台。' },
    { keys: ['ok'], lit: ['ok'], ask: '选台：请按中间的【OK】', praise: '对了！看电视时，按它打开频道列表。' },
    { keys: ['left', 'right', 'rew', 'ff'], lit: ['left', 'right'], ask: '倒回去看：请按【左】或者【右】', praise: '对了！左是往回倒，右是往前进。' },
    { keys: ['back'], lit: ['back'], ask: '走错了不怕：请按【返回】', praise: '对了！按【返回】总能回到电视。' },
    { keys: ['home', 'menu'], lit: ['home'], ask: '看节目、看通知：请按【首页】', praise: '对了！看完一圈，再按【返回】就是电视。' },
    { keys: ['blue'], lit: ['blue'], ask: '字太小：请按【蓝色】键', praise: '字换了大小！再按一次就换回来。' }];
  var SPOKEN = { up: '上', down: '下', left: '左', right: '右', ok: 'OK', back: '返回', home: '首页', menu: '菜单', blue: '蓝色',
    red: '红色', green: '绿色', yellow: '黄色', chup: '频道 +', chdown: '频道 −', pageup: '上一页', pagedown: '下一页' };
  var KEYS = [['up', '▲'], ['left', '◀'], ['ok', 'OK'], ['right', '▶'], ['down', '▼'], ['back', '返回'], ['home', '首页'],
    ['red', ''], ['green', ''], ['yellow', ''], ['blue', '蓝']];

  function hasKey(step) {
    var codes = CT.keymaps[CT.profile].codes, more = CT.load('keys') || CT.box.keys || {};
    return step.keys.some(function (fn) { return codes[fn] || more[fn]; });
  }

  function drawRemote(parent) {
    var remote = CT.el('div', 'remote', parent), nodes = {};
    remote.setAttribute('aria-hidden', 'true');
    CT.el('div', 'remote-eye', remote);
    KEYS.forEach(function (key) { nodes[key[0]] = CT.el('div', 'remote-key at-' + key[0], remote, key[1]); });
    for (var d = 1; d <= 9; d += 1) {
      CT.moveTo(CT.el('div', 'remote-digit', remote, d), (d - 1) % 3 * 82, Math.floor((d - 1) / 3) * 50);
    }
    return { light: function (names, pressed) {
      KEYS.forEach(function (key) {
        var state = names.indexOf(key[0]) >= 0 ? ' lit' : key[0] === pressed ? ' pressed' : '';
        CT.setClass(nodes[key[0]], 'remote-key at-' + key[0] + state);
      });
    } };
  }

  CT.screens.tour = function (root) {
    var node = CT.el('div', 'screen tour', root);
    var steps = STEPS.filter(hasKey);
    var k = 0, done = false, timer = null, ui = {}, screen;
    node.tabIndex = -1;
    node.setAttribute('role', 'application');
    node.setAttribute('aria-label', '遥控器教学');
    CT.save('tour', CT.tourOffers); // who has come here needs no more offers

    function build() {
      CT.empty(node);
      ui = {};
      CT.el('div', 'set-heading', node, '遥控器教学');
      ui.count = CT.el('div', 'tour-count', node, '');
      ui.ask = CT.el('div', 'tour-ask', node, '');
      ui.say = CT.el('div', 'tour-say', node, '');
      ui.foot = CT.el('div', 'set-hint', node, '');
      ui.ask.setAttribute('aria-live', 'assertive');
      ui.say.setAttribute('aria-live', 'polite');
      ui.remote = drawRemote(node);
    }

    function ask() {
      window.clearTimeout(timer);
      timer = null;
      if (k >= steps.length) { finish(); return; }
      CT.text(ui.count, '第 ' + (k + 1) + ' 步，一共 ' + steps.length + ' 步');
      CT.text(ui.ask, steps[k].ask);
      CT.text(ui.say, '');
      CT.text(ui.foot, steps[k].lit[0] === 'ok' ? '按返回键退出' :
        steps[k].lit[0] === 'back' ? '没有这个键就按 OK 键跳过' : '没有这个键就按 OK 键跳过，按返回键退出');
      ui.remote.light(steps[k].lit, null);
    }

    function finish() {
      done = true;
      CT.empty(node);
      CT.el('div', 'set-heading', node, '遥控器教学');
      var page = CT.el('div', 'empty', node);
      CT.el('div', 'empty-heading', page, '学会了！');
      CT.el('div', 'empty-text', page, '忘了也不要紧，在【设置】里可以再学一遍。');
      screen.board = CT.makeBoard();
      screen.board.rows = [CT.makeButtons(CT.el('div', 'empty-buttons', page), [
        { label: '看电视', act: function () { if (!CT.nav.live()) { CT.nav.home(); } } },
        { label: '再学一遍', act: function () { done = false; k = 0; screen.board = null; build(); ask(); CT.focusNow(node); } }])];
      screen.board.again();
    }

    function right(fn) {
      var praise = steps[k].praise;
      k += 1;
      if (fn === 'blue') { CT.nav.toggleElder(); CT.clearNote(); }
      CT.text(ui.say, praise);
      timer = CT.later(ask, NEXT_MS);
    }

    function wrong(fn) {
      ui.remote.light(steps[k].lit, fn);
      CT.text(ui.say, (SPOKEN[fn] ? '这是【' + SPOKEN[fn] + '】，不要紧。' : '按到别的键了，不要紧。') + '看右边，找亮着的那个键。');
    }

    /* While the praise is read every key goes on to the next question. */
    function onKey(fn, held) {
      if (fn === 'exit' || fn === 'event') { return false; }
      if (held) { return true; }
      if (timer !== null) {
        if (fn === 'blue') { CT.nav.toggleElder(); CT.clearNote(); return true; }
        ask();
        return true;
      }
      if (steps[k].keys.indexOf(fn) >= 0) { right(fn); }
      else if (fn === 'back') { return false; }
      else if (fn === 'ok') { k += 1; ask(); }
      else { wrong(fn); }
      return true;
    }

    screen = {
      node: node, board: null,
      key: function (fn, held) {
        if (!done) { return onKey(fn, held); }
        if (fn === 'ok') { screen.board.rows[0].press(); return true; }
        return screen.board.key(fn);
      },
      point: function (target) { return done && screen.board.point(target); },
      shown: function () { if (done) { screen.board.again(); } else { CT.focusNow(node); } },
      relayout: function () {
        var said = ui.say && ui.say.ctText, was = timer;
        if (done) { finish(); return; }
        build();
        if (was === null) { ask(); } else { ui.remote.light([], null); CT.text(ui.say, said); }
      },
      close: function () { window.clearTimeout(timer); },
      state: function () { return { step: k, steps: steps.length, done: done, asks: done ? null : (steps[k] || { keys: [] }).keys, says: ui.say.ctText }; }
    };
    build();
    ask();
    return screen;
  };
}(window.CT, window));
