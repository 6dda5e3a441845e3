/* 阅读: a notice or an answer, large, page by page: its words set in pages, then its scanned pages with zoom. */
(function (CT, window) {
  'use strict';

  function short(words, most) { return words.length > most ? words.slice(0, most - 1) + '…' : words; }

  /* What an answer looks like on paper. Its words are set in lines, and a line is no sentence: they are looked up before. */
  function letter(message) {
    var asked = CT.tr('您问：') + message.text + (message.about ? '（' + message.about + '）' : '');
    if (!message.answer) {
      return { title: '还没有答复', meta: CT.dateWords(message.asked_at) + ' 提问', pages: [],
        body: asked + '\n' + CT.tr('村里收到了您的问题，答复以后会在“我的提问”里告诉您，请过几天再来看看。') };
    }
    return { title: '村里的答复', meta: [message.answered_by, CT.dateWords(message.answered_at)].join('　'), pages: [],
      body: asked + '\n' + message.answer };
  }

  CT.screens.reader = function (root, params) {
    var node = CT.el('div', 'screen reader', root);
    var ui = {}, pages = [], at = 0, mark = 0, paper, scan, dialog = null, sorry = null, ask = null, ahead = null;
    var doc = params.message ? letter(params.message) : null;
    node.tabIndex = -1;
    node.setAttribute('role', 'document');

    function build() {
      ui.title = CT.el('div', 'reader-title', node, doc ? doc.title : params.title || '通知');
      ui.meta = CT.el('div', 'reader-meta', node, '');
      paper = CT.makePaper(node);
      scan = CT.makeScan(node, onScan);
      ui.wait = CT.el('div', 'reader-wait off', node, '正在取这一页…');
      ui.foot = CT.el('div', 'reader-foot', node);
      ui.hint = CT.el('div', 'reader-hint', ui.foot, '');
      ui.count = CT.el('div', 'reader-count', ui.foot, '');
    }

    /* The words in the size of now, then the scanned pages. */
    function setPages() {
      pages = CT.setPages(doc.body, CT.paperSizes()).concat(doc.pages.map(function (page, n) { return { scan: page, at: -1 - n }; }));
      if (!pages.length) { pages = [{ at: 0, lines: ['　　' + CT.tr('这条通知没有内容。')] }]; }
    }

    /* The page on which a place is (`mark`: where the reader stands, whatever the size of the letters): an offset into the words, or -1 - n for the n-th scanned page. */
    function pageOf(place) {
      var found = 0;
      pages.forEach(function (page, i) {
        if (place < 0 ? page.at === place : page.at >= 0 && page.at <= place && !page.scan) { found = i; }
      });
      return found;
    }

    function closeSorry() {
      if (sorry) { sorry.close(); }
      sorry = null;
      if (!dialog) { screen.board = null; }
    }
    function apologise(heading, sentence, again) {
      closeSorry();
      sorry = CT.makeSorry(node, heading, sentence, (again ? [{ label: '再试一次', act: again }] : []).concat(
        { label: '返回', act: CT.nav.back }));
      screen.board = CT.makeBoard();
      screen.board.rows = [sorry];
      if (pages.length) { words(); }
      if (CT.nav.top() === screen) { screen.board.again(); }
    }

    function onScan(state) {
      CT.setClass(ui.wait, state === 'loading' ? 'reader-wait' : 'reader-wait off');
      if (state === 'failed') {
        apologise('这一页没有取到', '网络可能不太顺畅，可以再试一次，也可以先看别的页。', function () {
          closeSorry();
          scan.again();
          CT.focusNow(node);
        });
      } else { closeSorry(); }
      if (state === 'shown') { words(); fetchAhead(); }
    }

    function fetchAhead() {
      var next = pages[at + 1];
      if (!next || !next.scan) { return; }
      ahead = new window.Image();
      ahead.src = next.scan.url;
    }

    function hint() {
      if (sorry) { return '上下键看别的页'; }
      if (!pages[at].scan) { return pages.length > 1 ? '左右键翻页　OK 键更多' : 'OK 键更多　返回键退出'; }
      if (scan.zoom() === 1) { return '左右键翻页　OK 键放大'; }
      return '放大 ' + scan.zoom() + (scan.zoom() < 3 ? ' 倍　方向键移动　OK 键再放大' : ' 倍　方向键移动　OK 键看整页');
    }

    function words() {
      CT.text(ui.hint, hint());
      CT.text(ui.count, '第 ' + (at + 1) + ' 页 / 共 ' + pages.length + ' 页');
    }

    function draw(where) {
      var page = pages[at];
      closeSorry();
      CT.setClass(node, page.scan ? 'screen reader scanned' : 'screen reader');
      CT.setClass(ui.wait, 'reader-wait off');
      paper.show(page.scan ? null : page);
      scan.show(page.scan || null, where);
      if (!page.scan) { fetchAhead(); }
      node.setAttribute('aria-label', page.scan ? doc.title + ' 扫描件' : page.lines.join(''));
      words();
    }

    function turn(step, where) {
      var to = at + step;
      if (to >= pages.length) { openMore(true); return; }
      if (to < 0) { CT.bump(); return; }
      at = to;
      mark = pages[at].at;
      draw(where);
      CT.focusNow(sorry ? screen.board.el() : node);
    }

    function closeMore() {
      if (dialog) { dialog.close(); }
      dialog = null;
      screen.board = null;
      if (sorry) { screen.board = CT.makeBoard(); screen.board.rows = [sorry]; }
      CT.focusNow(node);
    }
    function openMore(ended) {
      var specs = [];
      if (params.notice) {
        specs.push({ label: '我要提问', act: function () {
          closeMore();
          CT.nav.open('ask', { about: { kind: 'notice', id: params.notice, name: doc.title } });
        } });
      }
      if (ended && pages.length > 1) { specs.push({ label: '从头再看', act: function () { closeMore(); turn(-at); } }); }
      if (!ended) { specs.push({ label: CT.elder ? '标准字' : '大字', act: function () { closeMore(); CT.nav.toggleElder(); } }); }
      specs.push({ label: '看完了', act: function () { closeMore(); CT.nav.back(); } });
      dialog = CT.makeDialog(node, 'reader-more', ended ? '看完了' : short(doc.title, CT.elder ? 14 : 18),
        ended ? '有不明白的地方，可以提问。' : '请选择', specs);
      screen.board = dialog.board;
      dialog.board.again();
    }

    var mender = CT.makeMender(function () { return screen; }, fetch);
    function load() {
      closeSorry();
      CT.setClass(ui.wait, 'reader-wait');
      CT.focusNow(node);
      fetch();
    }
    function fetch() {
      if (ask) { ask.cancel(); }
      ask = CT.api.notice(params.notice, function (error, value) {
        ask = null;
        if (screen.closed) { return; }
        CT.setClass(ui.wait, 'reader-wait off');
        mender.told(error);
        if (error && sorry) { return; }
        if (error) {
          var gone = error.kind === 'http' && error.status === 404;
          apologise(gone ? '这条通知已经撤下了' : '暂时取不到这条通知',
            gone ? '请看看别的通知。' : '网络可能不太顺畅，电视没有坏。', gone ? null : load);
          return;
        }
        doc = value;
        doc.meta = [value.place, CT.dateWords(value.published_at)].join('　');
        begin();
        if (!dialog && !sorry && CT.nav.top() === screen) { CT.focusNow(node); } // the button that had it may be gone
      });
    }

    function begin() {
      CT.text(ui.title, doc.title);
      CT.text(ui.meta, doc.meta);
      setPages();
      at = pageOf(mark);
      draw();
    }

    var TURN = { left: -1, right: 1, up: -1, down: 1, pageup: -1, pagedown: 1, chup: -1, chdown: 1, rew: -1, ff: 1 };
    var PAN = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

    function onKey(fn) {
      var zoomed = pages[at].scan && scan.zoom() > 1;
      if (zoomed && CT.has(PAN, fn)) {
        // At the foot one reads on, on the next page's head; sideways there is nothing further.
        if (scan.pan(PAN[fn][0], PAN[fn][1])) { return true; }
        if (fn === 'down' || fn === 'up') { turn(TURN[fn], fn === 'up' ? 'bottom' : ''); } else { CT.bump(); }
      } else if (CT.has(TURN, fn)) { turn(TURN[fn]); }
      else if (fn === 'ok') { if (pages[at].scan) { scan.zoomIn(); words(); } else { openMore(at === pages.length - 1); } }
      else if (fn === 'info' || fn === 'green') { openMore(false); }
      else { return false; }
      return true;
    }

    /* A page that failed leaves page turning to the arrows that its buttons do not need. */
    function onSorryKey(fn) {
      if (fn === 'ok') { sorry.press(); return true; }
      if (pages.length && (fn === 'up' || fn === 'down' || !CT.has(PAN, fn)) && CT.has(TURN, fn)) { turn(TURN[fn]); return true; }
      return screen.board.key(fn);
    }

    var screen = {
      node: node, board: null, closed: false,
      key: function (fn) {
        if (dialog) { return dialog.key(fn); }
        if (sorry) { return onSorryKey(fn); }
        if (!pages.length) { if (CT.has(TURN, fn) || fn === 'ok') { CT.bump(); return true; } return false; }
        return onKey(fn);
      },
      point: function (found) { return screen.board ? screen.board.point(found) : found === node; },
      back: function () {
        if (!dialog) { return false; }
        closeMore();
        return true;
      },
      shown: function () { if (screen.board) { screen.board.again(); } else { CT.focusNow(node); } },
      relayout: function () {
        while (node.firstChild) { CT.remove(node.firstChild); }
        dialog = sorry = screen.board = null;
        scan.close();
        build();
        if (doc) { begin(); } else if (!ask) { load(); }
      },
      close: function () {
        screen.closed = true;
        mender.close();
        if (ask) { ask.cancel(); }
        scan.close();
        ahead = null;
      },
      state: function () {
        return { page: at + 1, pages: pages.length, scan: !!(pages[at] && pages[at].scan), zoom: scan.zoom(), dialog: !!dialog,
          sorry: !!sorry, mark: mark };
      }
    };
    build();
    if (doc) { begin(); } else { load(); }
    return CT.withDigits(screen, { busy: function () { return !!dialog || !pages.length; },
      name: function (n) { return '第 ' + n + ' 页'; },
      take: function (n) {
        if (n < 1 || n > pages.length) { return '没有第 ' + n + ' 页'; }
        turn(n - 1 - at);
        return '';
      } });
  };
}(window.CT, window));
