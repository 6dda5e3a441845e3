/* What stands in a row: picture cards, and episode tiles. All sizes of both text sizes are here as constants. */
(function (CT) {
  'use strict';
  var COLOURS = 6;
  var TWO_LINES = 16; // so many signs fit, however they break; only longer titles need the dear ellipsis
  var SIZES = {
    normal: { card: { pitch: 296, visible: 4 }, episode: { pitch: 296, visible: 4 }, rowPitch: 280, rowsVisible: 2,
      framedPitch: 300 },
    elder: { card: { pitch: 390, visible: 3 }, episode: { pitch: 390, visible: 3 }, rowPitch: 380, rowsVisible: 1,
      framedPitch: 380 }
  };
  CT.sizes = function () { return CT.elder ? SIZES.elder : SIZES.normal; };

  /* A steady colour (0–5) for what has no picture, by its category. */
  CT.colourOf = function (card) {
    var key = card.category || String(card.id);
    var sum = 0;
    for (var i = 0; i < key.length; i += 1) { sum = (sum * 31 + key.charCodeAt(i)) % 9973; }
    return sum % COLOURS;
  };

  function focusable(node, cell) {
    node.tabIndex = -1;
    node.setAttribute('role', 'button');
    cell.node = node;
    return cell;
  }

  /* The coloured cover with the title lies under the picture: where a picture is missing or broken it shows. */
  function makeCard(parent) {
    var node = CT.el('div', 'card', parent);
    var cell = focusable(node, { name: 'card' });
    cell.cover = CT.el('div', 'cover', node);
    cell.cover.setAttribute('aria-hidden', 'true');
    cell.coverText = CT.el('div', 'cover-text', cell.cover, '');
    cell.poster = CT.el('div', 'poster', node);
    cell.title = CT.el('div', 'card-title', node, '');
    cell.title.lang = 'zh-CN';
    return cell;
  }

  function bindProgress(cell, share) {
    if (share > 0 && !cell.bar) {
      cell.bar = CT.el('div', 'bar', cell.poster);
      cell.fill = CT.el('div', 'bar-fill', cell.bar);
    }
    if (!cell.bar) { return; }
    CT.setClass(cell.bar, share > 0 ? 'bar' : 'bar off');
    cell.fill.style.width = Math.round((share || 0) * 100) + '%';
  }

  /* What a lesson counts for: '必修 1.5 学时'; nothing for what is no lesson. */
  CT.lessonText = function (item) {
    var hours = item.study_hours > 0 ? ' ' + item.study_hours + ' 学时' : '';
    return item.required ? '必修' + hours : hours ? '选修' + hours : '';
  };

  /* A word on the picture's corner: what a lesson counts for, or 看完了. */
  function bindMark(cell, words) {
    if (words && !cell.mark) { cell.mark = CT.el('div', 'card-mark', cell.node, ''); }
    if (!cell.mark) { return; }
    CT.setClass(cell.mark, words ? 'card-mark' : 'card-mark off');
    CT.text(cell.mark, words);
  }

  function setPicture(cell, value) {
    if (cell.shows !== value) { cell.poster.style.backgroundImage = cell.shows = value; }
  }

  function bindCard(cell, item) {
    cell.name = 'card bare';
    CT.text(cell.title, item.title);
    CT.setClass(cell.title, item.title.length > TWO_LINES ? 'card-title long' : 'card-title');
    CT.setClass(cell.cover, 'cover tint' + CT.colourOf(item));
    setPicture(cell, 'none');
    bindProgress(cell, item.progress);
    bindMark(cell, item.mark || CT.lessonText(item));
    cell.node.setAttribute('aria-label', [item.title, item.category_name, CT.lengthText(item.duration_s),
      item.mark || CT.lessonText(item)].join(' '));
  }

  /* The poster, and the words behind it: both wait while cards fly past. */
  function showPoster(cell, item) {
    cell.name = 'card';
    cell.coverText.setAttribute('data-words', item.title); // drawn by the style: said once is enough
    setPicture(cell, CT.cssUrl(item.poster));
  }

  CT.cardCell = { make: makeCard, bind: bindCard, picture: showPoster };
  CT.cardSpec = function () {
    return CT.extend({ pitch: CT.sizes().card.pitch, visible: CT.sizes().card.visible }, CT.cardCell);
  };

  function makeEpisode(parent) {
    var node = CT.el('div', 'episode', parent);
    var cell = focusable(node, { name: 'episode' });
    cell.number = CT.el('div', 'episode-number', node, '');
    cell.title = CT.el('div', 'episode-title', node, '');
    return cell;
  }

  function bindSeen(cell, mark) {
    if (!mark && !cell.bar) { return; }
    if (!cell.bar) {
      cell.seen = CT.el('div', 'episode-seen off', cell.node, '看完');
      cell.bar = CT.el('div', 'bar off', cell.node);
      cell.fill = CT.el('div', 'bar-fill', cell.bar);
    }
    CT.setClass(cell.seen, mark && mark.done ? 'episode-seen' : 'episode-seen off');
    CT.setClass(cell.bar, mark && !mark.done ? 'bar' : 'bar off');
    cell.fill.style.width = Math.round((mark ? mark.share : 0) * 100) + '%';
  }

  /* currentId marks the episode whose page this is. */
  CT.episodeSpec = function (currentId) {
    return { pitch: CT.sizes().episode.pitch, visible: CT.sizes().episode.visible, make: makeEpisode,
      bind: function (cell, item, k) {
        var mark = CT.resume.mark(item.id);
        CT.text(cell.number, item.order || k + 1);
        CT.text(cell.title, item.title);
        cell.name = item.id === currentId ? 'episode here' : 'episode';
        bindSeen(cell, mark);
        cell.node.setAttribute('aria-label', (item.order || k + 1) + ' ' + item.title +
          (mark ? mark.done ? ' 看完' : ' 看了一部分' : ''));
      },
      picture: function () {} };
  };
}(window.CT));
