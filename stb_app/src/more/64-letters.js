/* The keys drawn on the screen for search: letters A to Z, or the nine keys of a telephone. Which letters lead on is
   known from the server; those that do not are dimmed, said so to who cannot see it, and stepped over. */
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

    /* The live key of a row that stands over or under a column, else the one nearest to it; -1 where all are dead. */
    function under(row, column) {
      var best = -1, least = 99;
      row.specs.forEach(function (spec, i) {
        var away = column < spec.column ? spec.column - column : Math.max(0, column - spec.column - spec.span + 1);
        if (!isDead(spec) && away < least) { best = i; least = away; }
      });
      return best;
    }

    board.rows = (form === 't9' ? telephone() : letters()).map(makeRow);
    if (form === 't9') { CT.el('div', 'letters-hint', node, '遥控器的数字键也能直接按'); }
    repaint();
    return {
      board: board,
      /* One step up or down that keeps the column; false at an edge. */
      step: function (down) {
        var row = board.rows[board.r], column = row.specs[row.index].column;
        for (var to = board.r + down; to >= 0 && to < board.rows.length; to += down) {
          var i = under(board.rows[to], column);
          if (i >= 0) { return board.focus(to, i); }
        }
        return false;
      },
      /* One step left or right; false at an edge. */
      move: function (right) {
        var row = board.rows[board.r], i = row.index + right;
        while (i >= 0 && i < row.count && isDead(row.specs[i])) { i += right; }
        return i >= 0 && i < row.count && board.focus(board.r, i);
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
