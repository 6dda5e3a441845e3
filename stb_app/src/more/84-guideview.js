/* What the guide looks like: a fixed pool of rows, each with a fixed pool of programmes, over any number of either. */
(function (CT) {
  'use strict';
  var SIZES = {
    normal: { rows: 6, pitch: 83, left: 290, width: 926, span_s: 7200 },
    elder: { rows: 5, pitch: 98, left: 350, width: 866, span_s: 5400 }
  };
  var CELLS = 16, TICKS = 5, TICK_S = 1800;
  var GAP = 4; // design px between two programmes
  function mod(k, n) { return ((k % n) + n) % n; }

  CT.guideSizes = function () { return CT.elder ? SIZES.elder : SIZES.normal; };

  /* Whether a name fits on one line: a Chinese character is as wide as it is high, a Latin one about half. */
  function isShort(name) {
    var wide = name.replace(/[ -~]/g, '').length;
    return wide + (name.length - wide) * 0.6 <= 5.4;
  }

  function setBox(node, left, width) {
    if (node.ctLeft !== left) { node.ctLeft = left; node.style.left = CT.u(left); }
    if (node.ctWidth !== width) { node.ctWidth = width; node.style.width = CT.u(width); }
  }

  /* cellsOf(row, from, to) -> cells; marked(channel, programme) -> bool. */
  CT.makeGuideView = function (node, channels, cellsOf, marked) {
    var size = CT.guideSizes();
    var title = CT.el('div', 'guide-title', node, '');
    var meta = CT.el('div', 'guide-meta', node, '');
    var clock = CT.el('div', 'guide-clock', node, CT.wallClock());
    var day = CT.el('div', 'guide-day', node, '');
    var port = CT.el('div', 'guide-port', node);
    var stage = CT.el('div', 'guide-stage', port);
    var line = CT.el('div', 'guide-line off', node);
    var ticks = [], pool = [], top = 0, from = 0, hot = null;
    CT.neverScroll(port);
    line.style.height = CT.u(Math.min(size.rows, channels.length) * size.pitch + 4);

    function x(t) { return Math.round((t - from) / size.span_s * size.width); }

    function makeRow() {
      var box = CT.el('div', 'guide-row off', stage);
      var row = { box: box, index: -1, cells: [], nodes: [] };
      row.number = CT.el('div', 'guide-number', box, '');
      row.name = CT.el('div', 'guide-name', box, '');
      for (var i = 0; i < CELLS; i += 1) {
        var cell = CT.el('div', 'guide-cell off', box, '');
        cell.tabIndex = -1;
        cell.setAttribute('role', 'button');
        row.nodes.push(cell);
      }
      return row;
    }

    function classOf(row, cell) {
      var now = CT.now_s(), p = cell.programme;
      var state = !p ? ' none' : p.stop <= now ? ' past' : p.start <= now ? ' running' : '';
      return 'guide-cell' + state + (hot && hot.row === row.index && hot.start === cell.start ? ' focus' : '');
    }

    function bindCell(row, i) {
      var cell = row.cells[i], dom = row.nodes[i];
      if (!cell) { CT.setClass(dom, 'guide-cell off'); return; }
      var left = Math.max(0, x(cell.start)), right = Math.min(size.width, x(cell.stop));
      setBox(dom, size.left + left, Math.max(GAP, right - left - GAP));
      CT.text(dom, (cell.programme && marked(channels[row.index], cell.programme) ? '已提醒 ' : '') + cell.words);
      CT.setClass(dom, classOf(row, cell));
    }

    function bindRow(index) {
      var row = pool[mod(index, pool.length)];
      var channel = channels[index];
      if (row.index !== index) {
        row.index = index;
        CT.moveTo(row.box, 0, index * size.pitch);
        CT.setClass(row.box, channel ? 'guide-row' : 'guide-row off');
        if (channel) {
          CT.text(row.number, channel.number);
          CT.text(row.name, channel.name);
          CT.setClass(row.name, isShort(channel.name) ? 'guide-name one' : 'guide-name');
        }
      }
      row.from = from;
      row.cells = channel ? cellsOf(index, from, from + size.span_s).slice(0, CELLS) : [];
      for (var i = 0; i < CELLS; i += 1) { bindCell(row, i); }
    }

    function drawTicks() {
      var first = Math.ceil(from / TICK_S) * TICK_S;
      for (var i = 0; i < TICKS; i += 1) {
        var t = first + i * TICK_S, inside = t < from + size.span_s - 600;
        CT.setClass(ticks[i], inside ? 'guide-tick' : 'guide-tick off');
        CT.text(ticks[i], CT.hourText(t));
        CT.moveTo(ticks[i], size.left + x(t), 0);
      }
      CT.text(day, CT.dayText(from));
    }

    function findCell(row, t) {
      for (var i = 0; i < row.cells.length; i += 1) {
        if (row.cells[i].start <= t && t < row.cells[i].stop) { return i; }
      }
      return -1;
    }
    function rowOf(index) {
      var row = pool[mod(index, pool.length)];
      return row.index === index ? row : null;
    }

    for (var k = 0; k < TICKS; k += 1) { ticks.push(CT.el('div', 'guide-tick off', node, '')); }
    for (var n = 0; n < size.rows; n += 1) { pool.push(makeRow()); }

    return {
      /* Shows rows from newTop on and times from newFrom on; rows that stand already are left alone unless all. */
      show: function (newTop, newFrom, all) {
        var moved = newFrom !== from;
        from = newFrom;
        top = newTop;
        for (var i = top; i < top + size.rows; i += 1) {
          if (all || moved || !rowOf(i)) { bindRow(i); }
        }
        CT.moveTo(stage, 0, -top * size.pitch);
        if (moved || all) { drawTicks(); }
      },
      /* Marks the programme at second t of a row; returns its cell, or null where there is no room for it. */
      mark: function (index, t) {
        var row = rowOf(index), before = hot && rowOf(hot.row), old = hot;
        var i = row ? findCell(row, t) : -1;
        hot = i < 0 ? null : { row: index, start: row.cells[i].start, node: row.nodes[i] };
        if (before) {
          before.cells.forEach(function (cell, at) { if (cell.start === old.start) { CT.setClass(before.nodes[at], classOf(before, cell)); } });
        }
        if (i < 0) { return null; }
        CT.setClass(row.nodes[i], classOf(row, row.cells[i]));
        return row.cells[i];
      },
      el: function () { return hot && hot.node; },
      words: function (heading, sentence) { CT.text(title, heading); CT.text(meta, sentence); },
      /* The line of the present moment, and the clock. */
      tick: function () {
        var now = CT.now_s(), inside = now > from && now < from + size.span_s;
        CT.text(clock, CT.wallClock());
        CT.setClass(line, inside ? 'guide-line' : 'guide-line off');
        if (inside) { CT.moveTo(line, size.left + x(now), 0); }
      },
      /* The row and instant a pointer means, or null. */
      find: function (found) {
        for (var i = 0; i < pool.length; i += 1) {
          var at = pool[i].nodes.indexOf(found);
          if (at >= 0 && pool[i].cells[at]) { return { row: pool[i].index, t: Math.max(from, pool[i].cells[at].start) }; }
        }
        return null;
      },
      size: size
    };
  };
}(window.CT));
