/* 设置: one line per choice with its present value; left and right change it, OK opens what has more to it. */
(function (CT) {
  'use strict';
  var SIZES = { normal: { pitch: 88, visible: 6 }, elder: { pitch: 104, visible: 5 } };
  var CHOICES = ['elder', 'caption', 'captionSize', 'captionLang', 'boot', 'lang', 'keys']; // what 恢复默认 takes back

  CT.empty = function (node) { while (node.firstChild) { CT.remove(node.firstChild); } };

  function opener(name) { return function () { CT.nav.open(name); }; }

  function keysValue() {
    var changed = CT.correctedKeys();
    return changed ? '改过 ' + changed + ' 个键' : '没有改动';
  }

  /* A line is {name, hint, value() -> text, turn(step) or none, open() or none}. */
  function lines(reset) {
    return [
      { name: '文字大小', hint: '所有文字一起变大。平时按遥控器的蓝键也能换。',
        value: function () { return CT.elder ? '大字' : '标准'; }, turn: CT.nav.toggleElder },
      { name: '开机画面', hint: '打开机顶盒以后，先看到什么。',
        value: function () { return CT.bootScreen() === 'home' ? '首页' : '看电视'; },
        turn: function () { CT.save('boot', CT.bootScreen() === 'home' ? 'live' : 'home'); } },
      { name: '语言', hint: '菜单和提示用哪种文字。节目名称不变。', value: CT.languageName, turn: CT.nextLanguage },
      { name: '字幕', hint: '节目有字幕时，把说的话写出来。看节目时按黄键也能换。', value: CT.captions.onName, turn: CT.captions.flip },
      { name: '字幕大小', hint: '看不清字幕，就换大一号。', value: CT.captions.sizeName, turn: CT.captions.turn },
      { name: '遥控器按键测试', hint: '哪个键按了不对，在这里教给机顶盒。', value: keysValue, open: opener('keytest') },
      { name: '遥控器教学', hint: '一步一步学会用遥控器，只要一分钟。', value: function () { return '一分钟'; }, open: opener('tour') },
      { name: '绑定机顶盒', hint: '告诉县里这台机顶盒在哪个村，才能收到村里的通知。',
        value: function () { return CT.box.place || '还没有绑定'; }, open: opener('pairing') },
      { name: '本机信息', hint: '型号、版本和网络。打电话求助时会用到。',
        value: function () { return CT.box.id === null ? '' : CT.box.id; }, open: opener('about') },
      { name: '恢复默认', hint: '文字大小、字幕、开机画面、语言和按键回到最初。绑定不变。', value: function () { return ''; }, open: reset }];
  }

  function makeLine(parent) {
    var node = CT.el('div', 'set-line', parent);
    node.tabIndex = -1;
    node.setAttribute('role', 'button');
    var cell = { node: node, name: 'set-line' };
    cell.title = CT.el('div', 'set-name', node, '');
    cell.value = CT.el('div', 'set-value', node, '');
    cell.before = CT.el('div', 'set-before', node, '');
    cell.after = CT.el('div', 'set-after', node, '');
    return cell;
  }

  function bindLine(cell, line) {
    CT.text(cell.title, line.name);
    CT.text(cell.value, line.value());
    CT.text(cell.before, line.turn ? '◀' : '');
    CT.text(cell.after, '▶');
    cell.before.setAttribute('aria-hidden', 'true');
    cell.after.setAttribute('aria-hidden', 'true');
    cell.node.setAttribute('aria-label', line.name + ' ' + line.value());
  }

  /* Puts back what 恢复默认 took away. */
  function takeBack(kept) {
    CHOICES.forEach(function (name) { CT.save(name, kept[name]); });
    apply();
  }
  function apply() {
    if ((CT.load('elder') === true) !== CT.elder) { CT.nav.toggleElder(); }
    CT.setLanguage(CT.load('lang'));
    CT.keys.correct(CT.load('keys') || CT.box.keys);
    if (CT.nav.top().refresh) { CT.nav.top().refresh(); }
  }
  function resetAll() {
    var kept = {};
    CHOICES.forEach(function (name) { kept[name] = CT.load(name); CT.save(name, null); });
    apply();
    CT.nav.offer('已经恢复默认。按 OK 键可以撤消', 10, function () { takeBack(kept); CT.note('已经撤消'); });
  }

  CT.screens.settings = function (root) {
    var node = CT.el('div', 'screen settings', root);
    var board = CT.makeBoard();
    var items = lines(askReset), bound, strip, hint, place, dialog = null, screen;
    var row = { count: items.length, index: 0,
      el: function (i) { return strip.el(i); },
      paint: function (i, focused) {
        strip.paint(i, focused);
        if (!focused) { return; }
        CT.text(hint, items[i].hint);
        CT.text(place, (i + 1) + '/' + items.length);
      },
      find: function (target) { return strip.find(target); },
      label: function () { return items[row.index].name; } };

    function build() {
      var size = CT.elder ? SIZES.elder : SIZES.normal;
      bound = [];
      CT.el('div', 'set-heading', node, '设置');
      place = CT.el('div', 'set-place', node, '');
      var port = CT.el('div', 'set-port', node);
      CT.neverScroll(port);
      strip = CT.makeStrip(port, { pitch: size.pitch, visible: size.visible, upright: true, bind: bindLine,
        make: function (box) { var cell = makeLine(box); bound.push(cell); return cell; }, picture: function () {} });
      hint = CT.el('div', 'set-hint', node, '');
      strip.load(items, row.index - size.visible + 2, row.index);
      board.rows = [row];
    }

    function refresh() { bound.forEach(function (cell) { if (cell.item) { bindLine(cell, cell.item); } }); }

    function closeDialog() {
      dialog.close();
      dialog = null;
      screen.board = board;
      board.again();
    }
    function askReset() {
      dialog = CT.makeDialog(node, 'reset', '恢复默认？', '除了绑定，这里改过的都会回到最初。', [
        { label: '不恢复', act: closeDialog }, { label: '恢复默认', act: function () { closeDialog(); resetAll(); } }]);
      screen.board = dialog.board;
      strip.paint(row.index, false);
      dialog.board.again();
    }

    function move(step) {
      var to = row.index + step;
      if (to < 0 || to >= items.length) { CT.bump(); return; }
      board.focus(0, to);
    }
    function turn(step) {
      if (!items[row.index].turn) { CT.bump(); return; }
      items[row.index].turn(step);
      refresh();
    }
    function press() {
      if (items[row.index].open) { items[row.index].open(); } else { turn(1); }
    }

    var STEPS = { up: -1, down: 1, chup: -1, chdown: 1, pageup: -1, pagedown: 1 };
    var stop = CT.onBox(refresh);
    screen = {
      node: node, board: board, refresh: refresh,
      key: function (fn) {
        if (dialog) { return dialog.key(fn); }
        if (CT.has(STEPS, fn)) { move(STEPS[fn]); }
        else if (fn === 'left') { turn(-1); }
        else if (fn === 'right') { turn(1); }
        else if (fn === 'ok') { press(); }
        else { return false; }
        return true;
      },
      point: function (target) { return screen.board.point(target); },
      back: function () {
        if (!dialog) { return false; }
        closeDialog();
        return true;
      },
      shown: function () { refresh(); screen.board.again(); },
      relayout: function () {
        dialog = null;
        screen.board = board;
        CT.empty(node);
        build();
      },
      close: stop,
      state: function () {
        var values = {};
        items.forEach(function (line) { values[line.name] = String(line.value()); });
        return { values: values, dialog: !!dialog };
      }
    };
    build();
    return CT.withRowDigits(screen, function () { return row; }, function (i) { return items[i].name; }, function () { return !!dialog; });
  };
}(window.CT));
