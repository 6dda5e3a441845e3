/* Text set in pages by arithmetic alone: the widths of signs are known well enough, and no layout is ever read. */
(function (CT) {
  'use strict';
  /* Size of the letters, width and number of lines, design px. A line is never as wide as its box: see widthOf. */
  CT.paperSizes = function () {
    return CT.elder ? { font: 54, line: 80, rows: 6, width: 1152 } : { font: 40, line: 60, rows: 8, width: 1152 };
  };

  var CLOSERS = '。，、；：！？）】》」』〉”’…—·%,.;:!?)]}';
  var OPENERS = '（【《「『〈“‘([{';

  /* How wide a sign is, in widths of a Chinese one; of the Latin ones rather too much than too little. */
  function widthOf(sign) {
    var code = sign.charCodeAt(0);
    if (sign === ' ') { return 0.32; }
    if (code >= 0x2E80 || (code >= 0x2010 && code <= 0x2027) || code > 0xFF && code < 0x2000) { return 1; }
    if ('mwMW@%—&'.indexOf(sign) >= 0) { return 0.98; }
    if (code >= 65 && code <= 90) { return 0.74; }
    return code < 0x100 ? 0.6 : 1;
  }
  CT.widthOf = function (words) {
    var sum = 0;
    for (var i = 0; i < words.length; i += 1) { sum += widthOf(words.charAt(i)); }
    return sum;
  };

  /* Cuts into what stays together: numbers and Latin words, else single signs (a pair of code units is one). */
  function pieces(words) {
    return words.match(/[A-Za-z0-9]+(?:[.,:/@_-][A-Za-z0-9]+)*%?|[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S]/g) || [];
  }

  /* A word longer than a line is cut all the same. */
  function cut(parts, most) {
    var out = [];
    parts.forEach(function (part) {
      if (part.length > 2 && CT.widthOf(part) > most) { out = out.concat(part.split('')); } else { out.push(part); }
    });
    return out;
  }

  /* The piece a line may end before, at most a few before `stop`: no closing sign begins a line, no opening one ends it. */
  function breakAt(parts, start, stop) {
    for (var b = stop; b > start + 1 && b > stop - 4; b -= 1) {
      if (CLOSERS.indexOf(parts[b]) < 0 && OPENERS.indexOf(parts[b - 1]) < 0) { return b; }
    }
    return stop;
  }

  /* One paragraph to lines of at most `most` widths, its first line two signs in. at: where it begins in the whole text. */
  function setParagraph(words, at, most, lines) {
    var indent = /^\s/.test(words) ? '' : '　　';
    var parts = cut(pieces(indent + words), most);
    var start = 0, seen = at - indent.length;
    while (start < parts.length) {
      var wide = 0, stop = start;
      while (stop < parts.length && wide + CT.widthOf(parts[stop]) <= most) { wide += CT.widthOf(parts[stop]); stop += 1; }
      if (stop < parts.length) { stop = breakAt(parts, start, Math.max(stop, start + 1)); }
      var line = parts.slice(start, stop).join('');
      lines.push({ text: line, at: Math.max(at, seen) });
      seen += line.length;
      start = stop;
      while (start < parts.length && parts[start] === ' ') { seen += 1; start += 1; }
    }
  }

  /* A text of paragraphs to pages: [{at: where the page begins in the text, lines: [text…]}]; none for an empty text. */
  CT.setPages = function (words, size) {
    var lines = [], pages = [], at = 0;
    var most = Math.floor(size.width / size.font);
    words.split('\n').forEach(function (paragraph) {
      if (/\S/.test(paragraph)) { setParagraph(paragraph, at, most, lines); }
      at += paragraph.length + 1;
    });
    for (var i = 0; i < lines.length; i += size.rows) {
      var some = lines.slice(i, i + size.rows);
      pages.push({ at: some[0].at, lines: some.map(function (line) { return line.text; }) });
    }
    return pages;
  };

  /* The place on the screen where a page of text is shown. */
  CT.makePaper = function (parent) {
    var size = CT.paperSizes();
    var node = CT.el('div', 'paper', parent);
    var lines = [];
    for (var i = 0; i < size.rows; i += 1) {
      var line = CT.el('div', 'paper-line', node, '');
      line.style.top = CT.u(i * size.line);
      lines.push(line);
    }
    return {
      node: node,
      show: function (page) {
        CT.setClass(node, page ? 'paper' : 'paper off');
        for (var k = 0; k < lines.length; k += 1) { CT.text(lines[k], page && page.lines[k] || ''); }
      }
    };
  };

  /* ---- a scanned page: whole, or larger and moved about ---- */
  var ZOOMS = [1, 1.5, 2, 3];
  var PORT = { width: 1280, height: 626 };

  /* tell(state): loading | shown | failed */
  CT.makeScan = function (parent, tell) {
    var port = CT.el('div', 'scan-port off', parent);
    var sheet = CT.el('div', 'scan', port);
    var img = null, page = null, level = 0, x = 0, y = 0;
    CT.neverScroll(port);

    function fit() { return Math.min(PORT.width / page.width, PORT.height / page.height) * ZOOMS[level]; }

    /* How far the sheet may lie to the left and above, and where it stands when it is smaller than the port. */
    function place() {
      var w = page.width * fit(), h = page.height * fit();
      x = CT.clamp(x, 0, Math.max(0, w - PORT.width));
      y = CT.clamp(y, 0, Math.max(0, h - PORT.height));
      img.style.width = CT.u(w);
      img.style.height = CT.u(h);
      CT.moveTo(sheet, w < PORT.width ? (PORT.width - w) / 2 : -x, h < PORT.height ? (PORT.height - h) / 2 : -y);
    }

    function drop() {
      if (img) { img.onload = img.onerror = null; CT.remove(img); }
      img = null;
    }

    /* Shows a page; where: 'bottom' begins at its foot. The zoom stays from page to page. */
    function show(next, where) {
      drop();
      page = next;
      CT.setClass(port, page ? 'scan-port' : 'scan-port off');
      if (!page) { return; }
      var mine = img = CT.el('img', 'scan-picture off', sheet);
      img.alt = '';
      y = where === 'bottom' ? Infinity : 0;
      place();
      tell('loading');
      img.onload = CT.guard(function () { CT.setClass(mine, 'scan-picture'); tell('shown'); });
      img.onerror = CT.guard(function () { tell('failed'); });
      img.src = page.url;
    }

    return {
      show: show,
      again: function () { show({ url: page.url + (page.url.indexOf('?') < 0 ? '?' : '&') + 'again=' + new Date().getTime(),
        width: page.width, height: page.height }); },
      zoom: function () { return ZOOMS[level]; },
      /* The next larger size, after the largest the whole page again; what was in the middle stays there. */
      zoomIn: function () {
        var before = fit(), whole = level === 0;
        level = (level + 1) % ZOOMS.length;
        var grown = fit() / before;
        x = whole ? (page.width * fit() - PORT.width) / 2 : (x + PORT.width / 2) * grown - PORT.width / 2;
        y = whole ? 0 : (y + PORT.height / 2) * grown - PORT.height / 2;
        place();
      },
      /* Moves a good part of the screen; false at the edge. */
      pan: function (right, down) {
        var from = x + ',' + y;
        x += right * PORT.width / 3;
        y += down * PORT.height * 2 / 3;
        place();
        return from !== x + ',' + y;
      },
      close: drop
    };
  };
}(window.CT));
