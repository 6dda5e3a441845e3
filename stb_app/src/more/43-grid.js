/* A windowed grid: a fixed pool of cells jumps along rows of any number; and lists too long to hold, page by page. */
(function (CT) {
  'use strict';
  function mod(k, n) { return ((k % n) + n) % n; }

  /* spec: {columns, rows (wholly visible), across, down (pitches, design px), make, bind, picture as CT.makeStrip's}.
     A source is {count(), item(k) -> item or null while it is being fetched}. */
  CT.makeGrid = function (parent, spec) {
    var box = CT.el('div', 'grid', parent);
    var lines = spec.rows + 1; // one more peeks in from below
    var cells = [], source = null, focused = -1;
    var grid = { first: 0 }; // the first row shown

    function dress(cell) {
      var state = !source || cell.k >= source.count() ? ' off' : cell.k === focused ? ' focus' : '';
      CT.setClass(cell.node, cell.name + state);
    }

    var pictures = CT.makePictures(cells, spec.picture, dress);

    function bind(cell, k) {
      var item = k < source.count() ? source.item(k) : null;
      cell.k = k;
      if (k % spec.columns === 0) { CT.moveTo(cell.line, 0, k / spec.columns * spec.down); }
      if (cell.item !== item) {
        cell.item = item;
        cell.pictured = false;
        spec.bind(cell, item || spec.none, k);
      }
      dress(cell);
    }

    function cellOf(k) { return cells[mod(k, cells.length)]; }

    function show(moved) {
      var from = grid.first * spec.columns;
      for (var k = from; k < from + cells.length; k += 1) { bind(cellOf(k), k); }
      CT.moveTo(box, 0, -grid.first * spec.down);
      pictures(moved);
    }

    function reveal(k) {
      var row = Math.floor(k / spec.columns);
      return CT.clamp(grid.first, row - spec.rows + 1, row);
    }

    /* Shows a source with cell k in sight; focusing it is the board's. */
    grid.load = function (from, k, first) {
      source = from;
      focused = -1;
      grid.first = first === undefined ? grid.first : first;
      grid.first = Math.max(0, reveal(k || 0));
      cells.forEach(function (cell) { cell.item = undefined; });
      show();
    };
    /* The source has more, or other, items now. */
    grid.refresh = function () { if (source) { show(); } };
    grid.el = function (k) { return cellOf(k).node; };
    grid.find = function (node) {
      for (var i = 0; i < cells.length; i += 1) {
        if (cells[i].node === node) { return source && cells[i].k < source.count() ? cells[i].k : -1; }
      }
      return -1;
    };
    grid.paint = function (k, isFocused) {
      var first = isFocused ? reveal(k) : grid.first;
      focused = isFocused ? k : -1;
      if (first !== grid.first) { grid.first = first; show(true); }
      dress(cellOf(k));
    };
    /* Where a key leads from cell k of so many: an index, 'left', 'up', or null at another edge; undefined for other keys. */
    grid.step = function (fn, k, count) {
      var columns = spec.columns;
      var rows = { up: -1, chup: -1, down: 1, chdown: 1, pageup: -spec.rows, pagedown: spec.rows }[fn];
      if (fn === 'left') { return k % columns ? k - 1 : 'left'; }
      if (fn === 'right') { return k % columns < columns - 1 && k + 1 < count ? k + 1 : null; }
      if (!rows) { return undefined; }
      var row = Math.floor(k / columns), last = Math.floor((count - 1) / columns);
      if (row + rows < 0 && row === 0) { return 'up'; }
      if (row === last && rows > 0) { return null; }
      return Math.min(count - 1, CT.clamp(row + rows, 0, last) * columns + k % columns);
    };

    /* A line of cells moves as one. */
    for (var n = 0; n < lines * spec.columns; n += 1) {
      var column = n % spec.columns, line = column ? line : CT.el('div', 'grid-line', box);
      var cell = spec.make(line);
      cell.line = line;
      cell.k = null;
      cell.item = undefined;
      CT.moveTo(cell.node, column * spec.across, 0);
      cells.push(cell);
    }
    return grid;
  };

  /* A plain list as a grid's source. */
  CT.listSource = function (items) {
    return { count: function () { return items.length; }, item: function (k) { return items[k]; } };
  };

  var AHEAD = 30;  // items known beyond the focus
  var KEPT = 6;    // pages held; of the others only where they begin

  /* A list fetched by cursor, of any length. ask(cursor, done(error, {items, next})) -> {cancel}; tell() after each change.
     state: loading | ready | failed, the latter with its error. */
  CT.makePager = function (ask, tell) {
    var pages = [{ from: 0, cursor: null, items: null }]; // the last one may be yet to be fetched
    var count = 0, ended = false, asking = null, around = 0, here = 0;
    var pager = { state: 'loading' };

    function pageOf(k) {
      while (here > 0 && pages[here].from > k) { here -= 1; }
      while (here + 1 < pages.length && pages[here + 1].from <= k) { here += 1; }
      return here;
    }

    function forget(near) {
      for (var p = 0; p < pages.length; p += 1) { if (Math.abs(p - near) > KEPT / 2) { pages[p].items = null; } }
    }

    function take(p, reply) {
      var page = pages[p];
      page.items = reply.items;
      if (p < pages.length - 1) { return; }
      count = page.from + reply.items.length;
      ended = !reply.next || !reply.items.length;
      if (!ended) { pages.push({ from: count, cursor: reply.next, items: null }); }
    }

    function fetch(p) {
      if (asking) { return; }
      asking = ask(pages[p].cursor, function (error, reply) {
        asking = null;
        pager.state = error ? 'failed' : 'ready';
        pager.error = error;
        if (!error) { take(p, reply); forget(pageOf(around)); }
        tell();
        if (!error) { pager.near(around); }
      });
    }

    pager.count = function () { return count; };
    pager.ended = function () { return ended; };
    pager.item = function (k) {
      var page = pages[pageOf(k)];
      return page.items ? page.items[k - page.from] || null : null;
    };
    /* The focus is at k: what lies around it is fetched, the page it stands on first. */
    pager.near = function (k) {
      around = k;
      var p = pageOf(Math.min(k, Math.max(0, count - 1)));
      var next = pageOf(k + AHEAD), before = pageOf(Math.max(0, k - AHEAD));
      if (!pages[p].items) { fetch(p); } else if (!pages[next].items) { fetch(next); }
      else if (!pages[before].items) { fetch(before); }
    };
    pager.close = function () {
      if (asking) { asking.cancel(); }
      asking = { cancel: function () {} };
      tell = function () {};
    };
    fetch(0);
    return pager;
  };
}(window.CT));
