/* 通知: what the village, the town and the county tell; important ones carry the word. And what this screen shares
   with 我的提问: the API of both, a list of sheets, what is said when there is nothing to show. */
(function (CT) {
  'use strict';
  var SIZES = { normal: { pitch: 104, visible: 5 }, elder: { pitch: 130, visible: 4 } };
  var text = CT.api.text, number = CT.api.number;

  /* ---- the API, made safe to draw ---- */
  function page(raw) {
    var url = raw && CT.api.resolve(raw.url);
    return url && raw.width > 0 && raw.height > 0 ? { url: url, width: raw.width, height: raw.height } : null;
  }
  function notice(raw) {
    if (!raw || !CT.isNumber(raw.id)) { return null; }
    return { id: raw.id, title: text(raw.title) || '通知', place: text(raw.place), published_at: number(raw.published_at),
      important: raw.important === true, count: raw.pages instanceof Array ? raw.pages.length : number(raw.pages),
      picture: CT.api.resolve(raw.picture), body: text(raw.body), pages: CT.api.each(raw.pages, page) };
  }
  function message(raw) {
    if (!raw || !CT.isNumber(raw.id)) { return null; }
    return { id: raw.id, text: text(raw.text), about: raw.about && text(raw.about.name), asked_at: number(raw.asked_at),
      answer: text(raw.answer), answered_at: number(raw.answered_at), answered_by: text(raw.answered_by), seen: raw.seen === true };
  }
  CT.extend(CT.api, {
    notices: function (cursor, done) {
      return CT.api.get('/notices' + (cursor ? '?cursor=' + encodeURIComponent(cursor) : ''), 3, function (raw) {
        return raw.items instanceof Array ? { items: CT.api.each(raw.items, notice), next: text(raw.next) } : null;
      }, done);
    },
    notice: function (id, done) { return CT.api.get('/notices/' + encodeURIComponent(id), 3, notice, done); },
    /* done(error, {items, phrases}) */
    messages: function (done) {
      return CT.api.get('/messages', 3, function (raw) {
        return raw.items instanceof Array ? { items: CT.api.each(raw.items, message),
          phrases: CT.api.each(raw.phrases, text) } : null;
      }, done);
    },
    ask: function (words, about, done) {
      var body = { text: words, about: about ? { kind: about.kind, id: about.id } : null };
      return CT.api.send('POST', '/messages', { body: body }, done);
    },
    seen: function (id, done) { return CT.api.send('PUT', '/messages/' + encodeURIComponent(id) + '/seen', null, done); }
  });

  /* Epoch s -> '今天', '昨天', '11月20日', of another year '2025年11月20日'. */
  CT.dateWords = function (s) {
    var years = [s, CT.now_s()].map(function (at) { return new Date((at + 8 * 3600) * 1000).getUTCFullYear(); });
    var day = CT.dayText(s).split(' ')[0];
    return years[0] === years[1] || day.length < 3 ? day : years[0] + '年' + day;
  };

  /* A heading, a sentence and buttons in the middle of a page that has nothing else to show. */
  CT.makeSorry = function (node, heading, sentence, specs) {
    var box = CT.el('div', 'empty sheet-empty', node);
    CT.el('div', 'empty-heading', box, heading);
    CT.el('div', 'empty-text', box, sentence);
    var row = CT.makeButtons(CT.el('div', 'empty-buttons', box), specs);
    row.close = function () { CT.remove(box); };
    return row;
  };

  /* A box that belongs to no place yet: what to do about it. */
  CT.makeUnpaired = function (node, sentence) {
    var specs = [{ label: '返回', act: CT.nav.back }];
    if (CT.hasScreen('pairing')) { specs.unshift({ label: '现在绑定', act: function () { CT.nav.open('pairing'); } }); }
    return CT.makeSorry(node, '这台电视还没有绑定', sentence, specs);
  };

  function makeLine(parent) {
    var node = CT.el('div', 'sheet', parent);
    node.tabIndex = -1;
    node.setAttribute('role', 'button');
    return { node: node, name: 'sheet', tag: CT.el('div', 'sheet-tag', node, ''), title: CT.el('div', 'sheet-title', node, ''),
      meta: CT.el('div', 'sheet-meta', node, ''), picture: CT.el('div', 'sheet-picture', node) };
  }

  /* An upright windowed list of sheets, as one row of a board. words(item) -> {title, meta, tag or '', strong, picture}. */
  CT.makeSheets = function (parent, words) {
    var port = CT.el('div', 'sheet-port', parent);
    var size = CT.elder ? SIZES.elder : SIZES.normal;
    var waiting = { title: '…', meta: '', tag: '', strong: false, picture: null };
    CT.neverScroll(port);
    var grid = CT.makeGrid(port, { columns: 1, rows: size.visible, across: 0, down: size.pitch, none: null, make: makeLine,
      bind: function (cell, item) {
        var say = item ? words(item) : waiting;
        cell.url = say.picture;
        cell.name = 'sheet' + (say.tag ? ' tagged' : '') + (say.strong ? ' strong' : '');
        CT.text(cell.tag, say.tag);
        CT.text(cell.title, say.title);
        CT.text(cell.meta, say.meta);
        cell.picture.style.backgroundImage = 'none';
        cell.node.setAttribute('aria-label', [say.tag, say.title, say.meta].join(' '));
      },
      picture: function (cell) { cell.picture.style.backgroundImage = CT.cssUrl(cell.url); } });
    var row = { count: 0, index: 0, el: grid.el, find: grid.find, paint: grid.paint, grid: grid, node: port,
      label: function () { return grid.el(row.index).getAttribute('aria-label'); },
      /* Where a key leads: an index, 'up' above the first, null at an edge, undefined where the key is none of ours. */
      step: function (fn) {
        var to = grid.step(fn, row.index, row.count);
        return to === 'left' ? null : to;
      } };
    return row;
  };

  function wordsOf(item) {
    var parts = [item.place, CT.dateWords(item.published_at), item.count ? '扫描件 ' + item.count + ' 页' : ''];
    return { title: item.title, tag: item.important ? '重要' : '', strong: item.important, picture: item.picture,
      meta: parts.filter(function (part) { return !!part; }).join('　') };
  }

  CT.screens.notices = function (root) {
    var node = CT.el('div', 'screen notices sheets', root);
    var board = CT.makeBoard();
    var pager = null, list = null, sorry = null, head, place, digits, index = 0, first = 0;

    function build() {
      CT.el('div', 'sheet-heading', node, '通知');
      place = CT.el('div', 'sheet-place', node, '');
      head = CT.el('div', 'sheet-hint', node, '上下键选择，OK 键打开');
      list = CT.makeSheets(node, wordsOf);
      digits = CT.makeDigits(node, function (n) {
        var item = pager.item(n - 1);
        return item ? item.title : '';
      }, jump);
    }

    function jump(n) {
      if (n < 1 || n > pager.count()) { return '没有第 ' + n + ' 条'; }
      board.focus(0, n - 1);
      tell();
      return '';
    }

    function nothing() {
      if (pager.state === 'loading') { return ['正在打开…', '请稍等', '返回', CT.nav.back]; }
      if (pager.state === 'failed') {
        return ['暂时取不到通知', '网络可能不太顺畅，电视没有坏。', '再试一次', again];
      }
      return ['现在没有通知', '村里、镇里和县里发了通知，会出现在这里。', '返回', CT.nav.back];
    }

    function say() {
      var words = nothing();
      if (sorry && sorry.label() === words[2] && sorry.heading === words[0]) { return; }
      if (sorry) { sorry.close(); }
      sorry = CT.makeSorry(node, words[0], words[1], [{ label: words[2], act: words[3] }]);
      sorry.heading = words[0];
      board.rows = [sorry];
      board.focus(0, 0);
    }

    function tell() {
      index = list.index;
      first = list.grid.first;
      CT.text(place, '第 ' + (index + 1) + ' 条 / 共 ' + pager.count() + (pager.ended() ? ' 条' : ' 条以上'));
      pager.near(index);
    }

    var mender = CT.makeMender(function () { return screen; }, function () { pager.near(index); });
    /* The list is another one now, or has more to it. */
    function draw() {
      var count = pager.count();
      mender.told(pager.error);
      CT.setClass(list.node, count ? 'sheet-port' : 'sheet-port off');
      CT.setClass(head, count ? 'sheet-hint' : 'sheet-hint off');
      if (!count) { CT.text(place, ''); say(); return; }
      if (sorry) { sorry.close(); sorry = null; }
      if (board.rows[0] === list && list.count) {
        list.count = count;
        list.grid.refresh();
      } else {
        list.count = count;
        list.index = Math.min(index, count - 1);
        list.grid.load(pager, list.index, first);
        board.r = 0;
        board.rows = [list];
        board.focus(0, list.index);
      }
      CT.text(place, '第 ' + (list.index + 1) + ' 条 / 共 ' + count + (pager.ended() ? ' 条' : ' 条以上'));
      if (CT.nav.top() === screen && CT.state) { board.again(); }
    }

    function again() {
      if (pager) { pager.close(); }
      board.rows = [];
      list.count = 0;
      pager = CT.makePager(CT.api.notices, draw);
      draw();
    }

    function press() {
      if (sorry) { sorry.press(); return; }
      var item = pager.item(list.index);
      if (item) { CT.nav.open('reader', { notice: item.id, title: item.title }); } else { CT.bump(); }
    }

    CT.rare(function () {}); // the reader comes meanwhile
    var screen = {
      node: node, board: board,
      key: function (fn) {
        if (!sorry && digits.key(fn)) { return true; }
        if (fn === 'ok') { press(); return true; }
        if (sorry) { return board.key(fn); }
        var to = list.step(fn);
        if (to === undefined) { return false; }
        if (!CT.isNumber(to)) { CT.bump(); return true; }
        board.focus(0, to);
        tell();
        return true;
      },
      point: board.point,
      back: function () { return !!digits.typed() && digits.key('back'); },
      shown: function () { draw(); board.again(); },
      hidden: function () { digits.hide(); },
      relayout: function () {
        digits.hide();
        while (node.firstChild) { CT.remove(node.firstChild); }
        board.rows = [];
        sorry = null;
        build();
        draw();
      },
      close: function () { pager.close(); mender.close(); digits.hide(); },
      state: function () { return { count: pager.count(), at: index, state: pager.state }; }
    };
    build();
    pager = CT.makePager(CT.api.notices, draw);
    draw();
    return screen;
  };
}(window.CT));
