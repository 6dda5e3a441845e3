/* What home looks like: the bar on top, and a fixed pool of row views that slides along any number of rows. */
(function (CT, window) {
  'use strict';
  var REST_MS = 150;
  function mod(k, n) { return ((k % n) + n) % n; }

  /* Live first, where there is any; the size of the text is last. */
  function specs() {
    var live = CT.channels.list.length ? [{ label: '看电视', act: CT.nav.live, lead: true },
      { label: '节目单', act: CT.nav.guide, lead: true }] : [];
    return live.concat({ label: CT.elder ? '标准字' : '大字', act: CT.nav.toggleElder });
  }

  function makeBar(node) {
    var bar = CT.el('div', 'topbar', node);
    CT.el('div', 'brand-mark', bar);
    CT.el('div', 'brand', bar, '村台');
    var date = CT.el('div', 'wall-date', bar, CT.wallDate());
    var clock = CT.el('div', 'wall-clock', bar, CT.wallClock());
    var holder = CT.el('div', 'topbar-buttons', bar);
    var lead = CT.el('div', 'topbar-lead', bar);
    if (CT.channels.list.length) { CT.setClass(bar, 'topbar with-lead'); }
    var row = CT.makeButtons(holder, specs(), lead);
    row.tick = function () { CT.text(clock, CT.wallClock()); CT.text(date, CT.wallDate()); };
    row.node = bar;
    return row;
  }

  CT.makeHomeView = function (node) {
    var bar, port, stage, views, empty = null, rows = [], top = 0, resting = null;
    var view = {};

    function makeView() {
      var box = CT.el('div', 'row', stage);
      return { box: box, name: CT.el('div', 'row-name', box, ''), strip: CT.makeStrip(box, CT.cardSpec()), row: null };
    }

    function build() {
      bar = makeBar(node);
      port = CT.el('div', 'port', node);
      CT.neverScroll(port);
      stage = CT.el('div', 'stage', port);
      views = [];
      for (var i = 0; i < CT.sizes().rowsVisible + 2; i += 1) { views.push(makeView()); }
    }

    /* The view that shows row r, bound to it if it was not. */
    function viewOf(r) {
      var v = views[mod(r, views.length)];
      var row = rows[r] || null;
      if (v.row !== row || v.r !== r) {
        v.row = row;
        v.r = r;
        CT.moveTo(v.box, 0, r * CT.sizes().rowPitch);
        CT.setClass(v.box, row ? 'row' : 'row off');
        CT.text(v.name, row ? row.model.name : '');
        v.strip.load(row ? row.model.items : [], row ? row.first : 0);
      }
      return v;
    }

    /* The row above the port is out of sight: it is bound when the finger rests, or when it comes into view. */
    function slide() {
      var visible = CT.sizes().rowsVisible;
      for (var r = top; r <= top + visible; r += 1) { viewOf(r); }
      CT.moveTo(stage, 0, -top * CT.sizes().rowPitch);
      window.clearTimeout(resting);
      resting = CT.later(function () { viewOf(top - 1); }, REST_MS);
    }

    function makeRow(model, r, index) {
      var row = { model: model, count: model.items.length, index: index, first: index };
      row.el = function (i) { return viewOf(r).strip.el(i); };
      row.paint = function (i, focused) {
        var strip = viewOf(r).strip;
        strip.paint(i, focused);
        row.first = strip.first;
      };
      row.find = function (target) { return views[mod(r, views.length)].row === row ? viewOf(r).strip.find(target) : -1; };
      row.label = function () { return model.items[row.index].title; };
      return row;
    }

    function showEmpty(words) {
      empty = CT.el('div', 'empty', node);
      CT.el('div', 'empty-heading', empty, words.heading);
      CT.el('div', 'empty-text', empty, words.text);
      return CT.makeButtons(CT.el('div', 'empty-buttons', empty), [{ label: words.button, act: words.act }]);
    }

    function remembered(old, id) {
      for (var i = 0; i < old.length; i += 1) { if (old[i].model.id === id) { return old[i]; } }
      return null;
    }

    /* Takes the rows [{id, name, items}] (or what to say when there are none); returns the board's rows. */
    view.load = function (models, words) {
      var old = rows;
      CT.remove(empty);
      empty = null;
      rows = models.map(function (model, r) {
        var before = remembered(old, model.id);
        var row = makeRow(model, r, before ? Math.min(before.index, model.items.length - 1) : 0);
        if (before) { row.first = before.first; }
        return row;
      });
      for (var i = 0; i < views.length; i += 1) { views[i].row = undefined; }
      top = CT.clamp(top, 0, Math.max(0, rows.length - 1));
      slide();
      return [bar].concat(words ? [showEmpty(words)] : rows);
    };

    /* The board's row r (0 is the bar) took the focus: no further than needed to show it whole. */
    view.onRow = function (r) {
      if (r < 1 || empty) { return; }
      var next = CT.clamp(top, r - CT.sizes().rowsVisible, r - 1);
      if (next !== top) { top = next; slide(); }
    };

    view.rebuild = function () {
      CT.remove(bar.node);
      CT.remove(port);
      rows = rows.slice();
      build();
      top = 0;
    };
    build();
    var timer = CT.every(function () { bar.tick(); }, 15000);
    view.close = function () { window.clearInterval(timer); window.clearTimeout(resting); };
    return view;
  };
}(window.CT, window));
