/* The keys drawn on the screen for search: letters A to Z, or the nine keys of a telephone. Which letters lead on is
   known from the server; those that do not are dimmed, and said so to who cannot see it. */
(function (CT) {
  'use strict';
  var COLUMN = 72, PITCH = 88; // design px: keys are 80 high
  var T9 = ['', 'ABC', 'DEF', 'GHI', 'JKL', 'MNO', 'PQRS', 'TUV', 'WXYZ'];

  function letters() {
    var rows = [], alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', i;
    for (i = 0; i < 24; i += 1) {
      if (i % 6 === 0) { rows.push([]); }
      rows[rows.length - 1].push({ label: alphabet.charAt(i), type: alphabet.charAt(i), span: 1 });
    }
    return rows.concat([
      [{ label: 'Y', type: 'Y', span: 1 }, { label: 'Z', type: 'Z', span: 1 },
        { label: '删除', act: 'erase', span: 2 }, { label: '清空', act: 'clear', span: 2 }],
      [{ label: '换成九宫格', act: 'turn', span: 6 }]]);
  }

  function telephone() {
    var rows = [], d;
    for (d = 1; d <= 9; d += 1) {
      if (d % 3 === 1) { rows.push([]); }
      rows[rows.length - 1].push({ label: d + (T9[d - 1] ? ' ' + T9[d - 1] : ''), type: String(d), span: 2 });
    }
    return rows.concat([
      [{ label: '删除', act: 'erase', span: 2 }, { label: '0', type: '0', span: 2 }, { label: '清空', act: 'clear', span: 2 }],
      [{ label: '换成字母', act: 'turn', span: 6 }]]);
  }

  /* The digit of a letter on a telephone: 'A' -> '2'. */
  CT.digitOf = function (letter) {
    for (var i = 1; i < T9.length; i += 1) { if (T9[i].indexOf(letter) >= 0) { return String(i + 1); } }
    return letter;
  };

  /* press({type} or {act}) is told what was pressed. */
  CT.makeLetters = function (parent, form, press) {
    var node = CT.el('div', form === 't9' ? 'letters nine' : 'letters', parent);
    var board = CT.makeBoard();
    var live = null; // the letters that lead on; null while not known: all do

    function isDead(spec) { return !!spec.type && live !== null && live.indexOf(spec.type) < 0; }

    function makeRow(specs, r) {
      var nodes = [], column = 0, row;
      function paint(i, focused) {
        var dead = isDead(specs[i]);
        CT.setClass(nodes[i], 'letter' + (specs[i].act ? ' tool' : '') + (dead ? ' dead' : '') + (focused ? ' focus' : ''));
        nodes[i].setAttribute('aria-disabled', dead ? 'true' : 'false');
      }
      specs.forEach(function (spec) {
        var key = CT.el('div', '', node, spec.label);
        key.style.left = CT.u(column * COLUMN);
        key.style.top = CT.u(r * PITCH);
        key.style.width = CT.u(spec.span * COLUMN - 8);
        key.tabIndex = -1;
        key.setAttribute('role', 'button');
        spec.column = column;
        column += spec.span;
        nodes.push(key);
      });
      row = { count: specs.length, index: 0, specs: specs, paint: paint,
        el: function (i) { return nodes[i]; },
        find: function (found) { return nodes.indexOf(found); },
        label: function () { return specs[row.index].label; } };
      return row;
    }

    function repaint() {
      board.rows.forEach(function (row, r) {
        for (var i = 0; i < row.count; i += 1) { row.paint(i, shown && r === board.r && i === row.index); }
      });
    }
    var shown = true;

    /* The key of a row that stands over or under a column. */
    function under(row, column) {
      for (var i = row.count - 1; i > 0; i -= 1) { if (row.specs[i].column <= column) { return i; } }
      return 0;
    }

    board.rows = (form === 't9' ? telephone() : letters()).map(makeRow);
    if (form === 't9') { CT.el('div', 'letters-hint', node, '遥控器的数字键也能直接按'); }
    repaint();
    return {
      board: board,
      /* One step up or down that keeps the column; false at an edge. */
      step: function (down) {
        var row = board.rows[board.r], to = board.r + down;
        return to >= 0 && to < board.rows.length && board.focus(to, under(board.rows[to], row.specs[row.index].column));
      },
      press: function () {
        var row = board.rows[board.r], spec = row.specs[row.index];
        if (isDead(spec)) { CT.bump(); } else { press(spec); }
      },
      /* Takes the letters that lead on, or null. */
      lead: function (text) { live = text; repaint(); },
      /* Whether one of these keys has the focus. */
      light: function (on) { shown = on; repaint(); },
      close: function () { CT.remove(node); }
    };
  };
}(window.CT));
