/* The catalogue's part of the API: home, titles, series, positions; made safe to draw. */
(function (CT) {
  'use strict';
  var text = CT.api.text, number = CT.api.number, each = CT.api.each, resolve = CT.api.resolve, get = CT.api.get;

  /* '2026-01-02T03:04:05.6Z' -> epoch ms, or 0. Old engines' Date.parse is not trusted with it. */
  CT.parseTime = function (text) {
    var m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))?$/.exec(text || '');
    if (!m) { return 0; }
    var ms = Date.UTC(+m[1], m[2] - 1, +m[3], +m[4], +m[5], +m[6]) + Math.floor(1000 * (m[7] || 0));
    var offset = m[8] ? (m[8] === '-' ? -1 : 1) * (m[9] * 60 + +m[10]) : 0;
    return ms - offset * 60000;
  };

  /* CARD of docs/architecture.md, or null where the reply holds something else. */
  function card(raw) {
    if (!raw || typeof raw !== 'object' || (!CT.isNumber(raw.id) && !text(raw.id))) { return null; }
    return {
      id: raw.id, title: text(raw.title) || '未命名', poster: resolve(raw.poster), duration_s: number(raw.duration_s),
      category: text(raw.category), category_name: text(raw.category_name),
      series_id: raw.series_id || null, order: CT.isNumber(raw.order) ? raw.order : null,
      required: raw.required === true, study_hours: number(raw.study_hours)
    };
  }

  function cards(list) { return each(list, card); }

  function row(raw) {
    var items = raw && typeof raw === 'object' ? cards(raw.items) : [];
    return items.length ? { id: text(raw.id) || 'row', name: text(raw.name), slug: text(raw.category), items: items } : null;
  }

  function sprite(raw) {
    var ok = raw && raw.urls instanceof Array && raw.urls.length && raw.tile_width > 0 && raw.tile_height > 0 &&
      raw.columns > 0 && raw.rows > 0 && raw.count > 0 && raw.interval_s > 0;
    return ok ? CT.extend(CT.extend({}, raw), { urls: each(raw.urls, resolve) }) : null;
  }

  function caption(raw) {
    var url = raw && text(raw.language) && resolve(raw.url);
    return url ? { language: raw.language, label: text(raw.label) || raw.language, url: url } : null;
  }

  function detail(raw) {
    var value = card(raw);
    if (!value) { return null; }
    return CT.extend(value, {
      summary: text(raw.summary), lecturer: text(raw.lecturer), source: text(raw.source),
      playback_url: resolve(raw.playback_url),
      series: raw.series && raw.series.id ? { id: raw.series.id, title: text(raw.series.title) } : null,
      sprite: sprite(raw.sprite), captions: each(raw.captions, caption)
    });
  }

  function resumeItem(raw) {
    var title = raw && card(raw.title);
    return title && { title: title, position_s: number(raw.position_s), at_ms: CT.parseTime(raw.updated_at),
      finished: raw.finished === true };
  }

  function category(raw) {
    return raw && text(raw.slug) ? { slug: raw.slug, name: text(raw.name) || raw.slug, count: number(raw.count) } : null;
  }

  /* Reads {items, next} with make(raw item) -> item or null. */
  function page(make) {
    return function (raw) {
      var next = CT.isNumber(raw.next) ? String(raw.next) : text(raw.next);
      return raw.items instanceof Array ? { items: each(raw.items, make), next: next || null } : null;
    };
  }
  function after(cursor) { return cursor ? '&cursor=' + encodeURIComponent(cursor) : ''; }

  CT.extend(CT.api, {
    readCard: card,
    readHome: function (raw) { return raw && raw.rows instanceof Array ? { rows: each(raw.rows, row) } : null; },
    home: function (done, onRetry) {
      return get('/home', Infinity, function (raw) {
        var home = CT.api.readHome(raw);
        return home && { home: home, raw: raw };
      }, done, onRetry);
    },
    resume: function (done) {
      return get('/resume', 3, function (raw) { return raw.items instanceof Array ? each(raw.items, resumeItem) : null; }, done);
    },
    title: function (id, done, onRetry) { return get('/titles/' + encodeURIComponent(id), 4, detail, done, onRetry); },
    series: function (id, done) {
      return get('/series/' + encodeURIComponent(id), 3, function (raw) {
        return raw.items instanceof Array ? { id: raw.id, title: text(raw.title), summary: text(raw.summary), items: cards(raw.items) } : null;
      }, done);
    },
    categories: function (done) {
      return get('/categories', 2, function (raw) { return raw.items instanceof Array ? each(raw.items, category) : null; }, done);
    },
    /* done(error, {items, next}): a page of a category's titles after a cursor (null: the first). */
    titles: function (slug, limit, cursor, done) {
      return get('/titles?category=' + encodeURIComponent(slug) + '&limit=' + limit + after(cursor), 3, page(card), done);
    },
    history: function (cursor, done) { return get('/history?limit=60' + after(cursor), 3, page(resumeItem), done); },
    saveResume: function (id, position_s, done) {
      return CT.api.send('PUT', '/titles/' + encodeURIComponent(id) + '/resume', { body: { position_s: position_s } }, done);
    }
  });
}(window.CT));
