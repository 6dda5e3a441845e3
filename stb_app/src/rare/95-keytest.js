/* 遥控器按键测试: asks for one key after another, and lays what came over the box's profile. What is kept has been
   confirmed with the new OK key, so that nobody locks himself out; a paired box tells the server for its model. */
(function (CT, window) {
  'use strict';
  var WAIT_S = 20;        // a key that is not pressed for so long is not on this remote
  var CONFIRM_S = 15;

  var ASKED = CT.keyExam.asked, nameOf = CT.keyExam.nameOf;

  function some(table) { return table && Object.keys(table).length ? table : null; }
  function inForce() { return CT.load('keys') || CT.box.keys; }

  CT.screens.keytest = function (root, params) {
    var node = CT.el('div', 'screen keytest', root);
    var stage = 'intro', exam = null, timer = null, left_s = 0, screen;
    var view = CT.makeKeytestView(node, ASKED);
    var before = inForce(), keys = {};

    function tick(seconds, over) {
      window.clearInterval(timer);
      left_s = seconds;
      view.seconds(left_s);
      timer = CT.every(function () {
        left_s -= 1;
        view.seconds(left_s);
        if (left_s <= 0) { window.clearInterval(timer); over(); }
      }, 1000);
    }
    function rest() {
      window.clearInterval(timer);
      CT.keys.tap = null;
    }

    function ask() {
      stage = 'asking';
      keys = {};
      before = inForce();
      CT.keys.correct(before);
      view.clear();
      exam = CT.keyExam.make({ say: view.say, leave: leave, done: sum,
        question: function (k) { view.question(k, ASKED[k][1], exam); tick(WAIT_S, exam.skip); } });
      CT.keys.tap = exam.take;
      exam.start();
    }
    function leave(sentence) {
      rest();
      CT.keys.correct(inForce());
      stage = 'intro';
      intro();
      CT.note(sentence);
      CT.nav.back();
    }

    function buttons(specs) {
      screen.board.rows = [view.buttons(specs)];
      screen.board.r = 0;
      if (CT.nav.top() === screen) { screen.board.again(); } else { screen.board.focus(0, 0); }
    }

    function intro() {
      var specs = [{ label: '开始测试', act: ask }, { label: '返回', act: CT.nav.back }];
      if (CT.load('keys')) { specs.splice(1, 0, { label: '恢复原来的按键', act: forget }); }
      view.intro();
      buttons(specs);
    }
    function forget() {
      CT.save('keys', null);
      CT.save('keysSent', null);
      CT.keys.correct(CT.box.keys);
      CT.note('遥控器按键已恢复原样');
      intro();
    }

    /* The new keys hold from here on, on trial. */
    function sum() {
      rest();
      stage = 'summary';
      keys = CT.keyExam.corrections(exam.found, before || {});
      var changed = JSON.stringify(keys) !== JSON.stringify(before || {});
      var safe = CT.keysAreSafe(keys);
      if (safe) { CT.keys.correct(keys); }
      view.summary(exam, Object.keys(keys).map(nameOf), changed, safe);
      var again = { label: '重新测试', act: ask };
      buttons(changed && safe ? [{ label: '保存', act: save }, again, { label: '不保存', act: drop }] :
        [{ label: '好', act: drop }, again]);
    }
    function drop() {
      CT.keys.correct(inForce());
      CT.nav.back();
    }

    function isNewOk(code, fns) { return CT.has(exam.found, 'ok') ? code === exam.found.ok : fns.indexOf('ok') >= 0; }

    function save() {
      var pressedAt = new Date().getTime();
      stage = 'confirm';
      view.confirm();
      tick(CONFIRM_S, function () {
        rest();
        CT.keys.correct(inForce());
        stage = 'intro';
        intro();
        CT.note('没有确认，按键已恢复原样', 6);
      });
      CT.keys.tap = function (code, fns, repeat) {
        if (repeat || Math.abs(new Date().getTime() - pressedAt) < CT.keyExam.settle_ms) { return; }
        if (!isNewOk(code, fns)) { CT.bump(); return; }
        keep();
      };
    }

    function keep() {
      rest();
      CT.save('keys', some(keys));
      CT.save('keysSent', null);
      before = inForce();
      stage = 'saved';
      view.saved(CT.api.paired() ? '正在报告给县里…' : '这台机顶盒还没有绑定，改动只保存在这台机顶盒上。');
      CT.sendKeys(function (error) {
        if (stage === 'saved') { view.tell(error ? '暂时没有报告给县里，以后会自动再报。' : '已经报告给县里，管理员同意后，同样的机顶盒都能用上。'); }
      });
      buttons([{ label: '好', act: CT.nav.back }]);
    }

    function stop() {
      var busy = stage !== 'intro' && stage !== 'saved';
      rest();
      if (busy) { CT.keys.correct(inForce()); }
      stage = 'intro';
      return busy;
    }

    screen = {
      node: node, board: CT.makeBoard(),
      key: function (fn) {
        if (fn === 'ok') { screen.board.rows[0].press(); return true; }
        return screen.board.key(fn);
      },
      point: function (target) { return screen.board.point(target); },
      shown: function () { if (screen.board.rows.length) { screen.board.again(); } },
      hidden: stop,
      relayout: function () { stop(); CT.empty(node); view = CT.makeKeytestView(node, ASKED); intro(); },
      close: stop,
      state: function () {
        return { stage: stage, asks: stage === 'asking' ? exam.fn() : null, found: exam ? exam.found : {}, keys: keys, left_s: left_s,
          skipped: exam ? exam.skipped : [] };
      }
    };
    intro();
    if (params.now) { ask(); }
    return screen;
  };
}(window.CT, window));
