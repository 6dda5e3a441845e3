/* A series: what it is, 接着看, and its episodes in order with what was watched of each. */
(function (CT) {
  'use strict';
  var SIZES = {
    normal: { columns: 4, rows: 2, across: 296, down: 148 },
    elder: { columns: 3, rows: 2, across: 390, down: 140 }
  };

  /* Where to go on: the episode left last if it was not finished, else the one after it, else the first. */
  function nextOf(items) {
    var last = -1, when = 0;
    items.forEach(function (item, i) {
      var mark = CT.resume.mark(item.id);
      if (mark && mark.at > when) { last = i; when = mark.at; }
    });
    if (last < 0) { return { index: 0, begun: false }; }
    var done = CT.resume.mark(items[last].id).done;
    return { index: done ? Math.min(last + 1, items.length - 1) : last, begun: true };
  }

  CT.screens.series = function (root, params) {
    var id = params.id;
    var node = CT.el('div', 'screen series', root);
    var board = CT.makeBoard();
    var series = null, failed = null, asked = null;
    var ui = {}, grid, gridRow, buttons = null, labels = null;

    function build() {
      ui.picture = CT.el('div', 'series-picture tint0', node);
      ui.cover = CT.el('div', 'cover-text', ui.picture, '');
      ui.poster = CT.el('div', 'poster', ui.picture);
      ui.text = CT.el('div', 'series-text', node);
      ui.name = CT.el('div', 'title-name', ui.text, params.title || '');
      ui.meta = CT.el('div', 'title-meta', ui.text, '');
      ui.summary = CT.el('div', 'title-summary', ui.text, '');
      ui.buttons = CT.el('div', 'series-buttons', node);
      ui.port = CT.el('div', 'series-port', node);
      CT.neverScroll(ui.port);
      var cell = CT.episodeSpec(null);
      grid = CT.makeGrid(ui.port, CT.extend({ make: cell.make, bind: cell.bind, picture: cell.picture, none: { title: '' } },
        CT.elder ? SIZES.elder : SIZES.normal));
      gridRow = { count: 0, index: gridRow ? gridRow.index : 0, el: grid.el, paint: grid.paint, find: grid.find,
        label: function () { return series.items[gridRow.index].title; } };
    }

    function play(i, at_s) { CT.nav.open('player', { card: series.items[i], start_s: at_s }); }
    function resume(i) { play(i, CT.resume.find(series.items[i].id)); }

    function specs() {
      if (failed) { return [{ label: '再试一次', act: fetch }, { label: '返回', act: CT.nav.back }]; }
      if (!series) { return [{ label: '返回', act: CT.nav.back }]; }
      var next = nextOf(series.items);
      var number = series.items[next.index].order || next.index + 1;
      var list = next.begun ? [{ label: '接着看 第 ' + number + ' 集', act: function () { resume(next.index); } },
        { label: '从第 1 集看', act: function () { play(0, 0); } }] : [{ label: '从第 1 集看', act: function () { play(0, 0); } }];
      list.push({ label: CT.favourites.has('series', id) ? '已收藏' : '收藏', act: function () {
        CT.favourites.toggle('series', id, { id: id, title: series.title, poster: series.items[0].poster });
        draw();
      } });
      return CT.hasScreen('ask') ? list.concat({ label: '问一问', act: function () {
        CT.nav.open('ask', { about: { kind: 'series', id: id, name: series.title } });
      } }) : list;
    }

    function drawButtons() {
      var list = specs();
      var now = list.map(function (spec) { return spec.label; }).join('|');
      if (now === labels) { return; }
      labels = now;
      while (ui.buttons.firstChild) { CT.remove(ui.buttons.firstChild); }
      var index = buttons ? Math.min(buttons.index, list.length - 1) : 0;
      buttons = CT.makeButtons(ui.buttons, list);
      buttons.index = index;
      board.rows[0] = buttons;
    }

    function draw() {
      drawButtons();
      var first = series && series.items[0];
      CT.text(ui.name, series ? series.title : params.title || (failed ? '暂时打不开' : '正在打开…'));
      CT.text(ui.summary, failed ? CT.sorry(failed) : series ? series.summary : '');
      if (first) {
        CT.text(ui.meta, [first.category_name, '共 ' + series.items.length + ' 集', CT.lessonText(first)].filter(Boolean).join('  ·  '));
        CT.text(ui.cover, series.title);
        CT.setClass(ui.picture, 'series-picture tint' + CT.colourOf(first));
        ui.poster.style.backgroundImage = CT.cssUrl(first.poster);
        gridRow.count = series.items.length;
        grid.load(CT.listSource(series.items), gridRow.index);
        board.rows[1] = gridRow;
      }
      if (CT.nav.top() === screen) { board.again(); }
    }

    var mender = CT.makeMender(function () { return screen; }, fetch);
    function fetch() {
      if (asked) { asked.cancel(); }
      asked = CT.api.series(id, function (error, value) {
        asked = null;
        mender.told(error);
        failed = error || (value.items.length ? null : { kind: 'http', status: 404 });
        if (!failed && !series) { gridRow.index = nextOf(value.items).index; }
        series = failed ? series : value;
        draw();
      });
    }

    function inGrid(fn) {
      if (fn === 'ok' || fn === 'play' || fn === 'playpause') { resume(gridRow.index); return true; }
      var to = grid.step(fn, gridRow.index, gridRow.count);
      if (to === undefined) { return false; }
      if (to === 'up') { board.focus(0); } else if (typeof to === 'number') { board.focus(1, to); } else { CT.bump(); }
      return true;
    }

    var screen = {
      node: node, board: board,
      key: function (fn) {
        if (digits.key(fn)) { return true; }
        if (board.r === 1) { return inGrid(fn); }
        if (fn === 'ok' || fn === 'play' || fn === 'playpause') { buttons.press(); return true; }
        return board.key(fn);
      },
      point: board.point,
      shown: function () { labels = null; draw(); board.again(); },
      hidden: function () { digits.hide(); },
      relayout: function () {
        digits.hide();
        while (node.firstChild) { CT.remove(node.firstChild); }
        labels = null;
        build();
        makeDigits();
        draw();
      },
      close: function () {
        digits.hide();
        mender.close();
        if (asked) { asked.cancel(); }
      },
      state: function () { return { id: id, buttons: labels, episodes: series ? series.items.length : 0 }; }
    };
    var digits;
    function makeDigits() {
      digits = CT.makeDigits(node, function (number) { return '第 ' + number + ' 集'; }, function (number) {
        if (!series || number < 1 || number > series.items.length) { return '没有第 ' + number + ' 集'; }
        board.focus(1, number - 1);
        return '';
      });
    }
    build();
    makeDigits();
    drawButtons();
    fetch();
    return screen;
  };
}(window.CT));
