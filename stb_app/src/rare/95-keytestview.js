/* What the key test looks like: the key asked for in big letters, what came, and the twelve keys with their marks. */
(function (CT) {
  'use strict';
  var COLUMNS = 4;
  var CHIP = { normal: { x: 292, y: 78 }, elder: { x: 292, y: 92 } };

  CT.makeKeytestView = function (node, asked) {
    var chips = [], holder = null;
    var size = CT.elder ? CHIP.elder : CHIP.normal;
    CT.el('div', 'set-heading', node, '遥控器按键测试');
    var progress = CT.el('div', 'key-progress', node, '');
    var big = CT.el('div', 'key-big', node, '');
    var said = CT.el('div', 'key-said', node, '');
    var clock = CT.el('div', 'key-clock', node, '');
    var grid = CT.el('div', 'key-grid', node);
    big.setAttribute('aria-live', 'assertive');
    said.setAttribute('aria-live', 'polite');
    asked.forEach(function (entry, i) {
      var chip = CT.el('div', 'key-chip', grid);
      CT.moveTo(chip, i % COLUMNS * size.x, Math.floor(i / COLUMNS) * size.y);
      chips.push({ node: chip, name: CT.el('div', 'key-name', chip, entry[1]), mark: CT.el('div', 'key-mark', chip, '') });
    });

    function say(sentence) { CT.text(said, sentence); }
    function dress(i, state, mark) {
      CT.setClass(chips[i].node, 'key-chip ' + state);
      CT.text(chips[i].mark, mark);
    }
    function marks(exam, here) {
      asked.forEach(function (entry, i) {
        if (CT.has(exam.found, entry[0])) { dress(i, 'good', exam.found[entry[0]] + ' 号'); }
        else if (i === here) { dress(i, 'here', '?'); }
        else if (exam.skipped.indexOf(entry[0]) >= 0) { dress(i, 'none', '没有'); }
        else { dress(i, '', ''); }
      });
    }
    function noButtons() { CT.remove(holder); holder = null; }

    return {
      clear: function () { noButtons(); say('按返回键两次可以退出。'); },
      say: say,
      intro: function () {
        CT.text(big, '一个键一个键地试，不对的就教给机顶盒');
        say('一共 12 个键。遥控器上没有的键，等 20 秒就自动跳过。');
        CT.text(progress, '');
        CT.text(clock, '');
      },
      question: function (k, name, exam) {
        CT.text(progress, (k + 1) + '/' + asked.length);
        CT.text(big, '请按遥控器上的【' + name + '】键');
        marks(exam, k);
      },
      seconds: function (left_s) { CT.text(clock, left_s > 0 ? '还等 ' + left_s + ' 秒' : ''); },
      summary: function (exam, changedNames, changed, safe) {
        marks(exam, -1);
        CT.text(progress, '');
        CT.text(clock, '');
        CT.text(big, changed ? '测完了，改了 ' + changedNames.length + ' 个键' : '遥控器一切正常，不用改');
        if (!safe) { say('这样改会少了必需的键，不能保存。请重新测试。'); return; }
        say(changedNames.length ? '改过的键：' + changedNames.join('、') : '试过的键都认得。');
      },
      confirm: function () {
        noButtons();
        CT.text(big, '请用新的【OK】键按一下，就保存好了');
        say('不按的话，会恢复成原来的按键。');
      },
      saved: function (sentence) {
        CT.text(big, '保存好了');
        CT.text(clock, '');
        say(sentence);
      },
      tell: say,
      /* A row of buttons in the place of the former one. */
      buttons: function (specs) {
        noButtons();
        holder = CT.el('div', 'set-buttons', node);
        return CT.makeButtons(holder, specs);
      }
    };
  };
}(window.CT));
