/* A title's page: what it is, play or go on, keep it, ask about it, and the other episodes of its series. */
(function (CT) {
  'use strict';
  var PREPARING_MS = 15000;

  function metaText(title) {
    var parts = [title.category_name, CT.lessonText(title), CT.lengthText(title.duration_s)];
    if (title.lecturer) { parts.push('主讲 ' + title.lecturer); }
    return parts.filter(function (part) { return !!part; }).join('  ·  ');
  }

  CT.screens.title = function (root, params) {
    var card = params.card;
    var node = CT.el('div', 'screen title', root);
    var board = CT.makeBoard();
    var detail = null, series = null, failed = null, ask = null, timer = null;
    var ui = {}, buttons = null, labels = '', episodes = null;

    function build() {
      ui.text = CT.el('div', 'title-text', node);
      ui.name = CT.el('div', 'title-name', ui.text, card.title);
      ui.meta = CT.el('div', 'title-meta', ui.text, metaText(card));
      ui.summary = CT.el('div', 'title-summary', ui.text, '');
      ui.buttons = CT.el('div', 'title-buttons', node);
      ui.picture = CT.el('div', 'title-picture tint' + CT.colourOf(card), node);
      CT.el('div', 'cover-text', ui.picture, card.title);
      CT.el('div', 'poster', ui.picture).style.backgroundImage = CT.cssUrl(card.poster);
      ui.captions = CT.el('div', 'card-mark off', ui.picture, '有字幕');
      ui.list = CT.el('div', 'episodes off', node);
      ui.listName = CT.el('div', 'row-name', ui.list, '');
      CT.neverScroll(ui.list);
    }

    function play(at_s) { CT.nav.open('player', { card: detail || card, start_s: at_s }); }

    function specs() {
      if (failed) { return [{ label: '再试一次', act: fetch }, { label: '返回', act: CT.nav.back }]; }
      if (detail && !detail.playback_url) { return [{ label: '正在准备，请稍后', act: fetch }, { label: '返回', act: CT.nav.back }]; }
      var at_s = CT.resume.find(card.id);
      if (!at_s) { return [{ label: '播放', act: function () { play(0); } }].concat(others()); }
      return [{ label: '继续播放 ' + CT.clock(at_s), act: function () { play(at_s); } },
        { label: '从头播放', act: function () { play(0); } }].concat(others());
    }

    function others() {
      var about = detail || card;
      var list = [{ label: CT.favourites.has('title', card.id) ? '已收藏' : '收藏', act: function () {
        CT.favourites.toggle('title', card.id, about);
        draw();
      } }];
      if (CT.hasScreen('ask')) {
        list.push({ label: '问一问', act: function () { CT.nav.open('ask', { about: { kind: 'title', id: card.id, name: about.title } }); } });
      }
      if (series) { list.push({ label: '全集', act: function () { CT.nav.open('series', { id: series.id, title: series.title }); } }); }
      return list;
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

    function episodeRow(items) {
      var here = 0;
      items.forEach(function (item, i) { if (item.id === card.id) { here = i; } });
      var strip = CT.makeStrip(ui.list, CT.episodeSpec(card.id));
      strip.load(items, here);
      return { count: items.length, index: here, el: strip.el, paint: strip.paint, find: strip.find, refresh: strip.refresh,
        label: function () { return items[this.index].title; },
        press: function () {
          if (items[this.index].id === card.id) { buttons.press(); return; }
          CT.nav.replace('title', { card: items[this.index] });
        } };
    }

    function draw() {
      CT.setClass(node, 'screen title' + (series ? ' with-series' : ''));
      CT.text(ui.name, (detail || card).title);
      CT.text(ui.meta, metaText(detail || card));
      CT.text(ui.summary, failed ? CT.sorry(failed) : detail ? detail.summary : '');
      CT.setClass(ui.captions, detail && detail.captions.length ? 'card-mark' : 'card-mark off');
      drawButtons();
      if (series && !episodes) {
        CT.setClass(ui.list, 'episodes');
        CT.text(ui.listName, series.title + '  共 ' + series.items.length + ' 集');
        episodes = episodeRow(series.items);
        board.rows[1] = episodes;
      }
      if (CT.nav.top() === screen) { board.again(); }
    }

    function askSeries(id) {
      CT.api.series(id, function (error, value) {
        if (error || value.items.length < 2 || screen.closed) { return; }
        series = value;
        draw();
      });
    }

    var mender = CT.makeMender(function () { return screen; }, fetch);
    function fetch() {
      if (ask) { ask.cancel(); }
      window.clearTimeout(timer);
      ask = CT.api.title(card.id, function (error, value) {
        mender.told(error);
        failed = error;
        detail = error ? null : value;
        draw();
        if (error) { return; }
        if (!detail.playback_url) { timer = CT.later(fetch, PREPARING_MS); }
        var id = detail.series ? detail.series.id : detail.series_id;
        if (id && !series) { askSeries(id); }
      }, function (error) { CT.note(CT.sorry(error)); });
    }

    var screen = {
      node: node, board: board, closed: false,
      key: function (fn) {
        if (fn === 'ok') { board.rows[board.r].press(); return true; }
        if (fn === 'play' || fn === 'playpause') { board.rows[0].press(); return true; }
        return board.key(fn);
      },
      point: board.point,
      shown: function () {
        draw();
        if (episodes) { episodes.refresh(); }
        board.again();
      },
      relayout: function () {
        while (node.firstChild) { CT.remove(node.firstChild); }
        labels = '';
        episodes = null;
        board.rows = [];
        build();
        draw();
      },
      close: function () {
        screen.closed = true;
        mender.close();
        if (ask) { ask.cancel(); }
        window.clearTimeout(timer);
      },
      state: function () { return { id: card.id, buttons: labels, episodes: series ? series.items.length : 0 }; }
    };
    build();
    drawButtons();
    fetch();
    return screen;
  };
}(window.CT));
