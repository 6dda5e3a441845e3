/* The server's API for boxes: addresses, token, and replies made safe to draw. */
(function (CT, window) {
  'use strict';
  var base = '';
  var token = null;

  /* A token is kept per server, so that a link with a foreign #api= never carries it away. */
  function loadToken() {
    var given = CT.option('token');
    if (given) { CT.save('token@' + base, given); }
    token = given || CT.load('token@' + base);
    if (!given || !window.history || !window.history.replaceState) { return; }
    try { // the token does not stay in the address bar
      var rest = window.location.hash.replace(/([#&])token=[^&]*/, '$1').replace(/^#&*|&&+/g, '');
      window.history.replaceState(null, '', window.location.pathname + window.location.search + (rest ? '#' + rest : ''));
    } catch (e) { /* file:// pages may refuse */ }
  }

  /* An address of the server ('/img/…', '/vod/…') as this page can fetch it. */
  function resolve(path) {
    if (typeof path !== 'string' || !path) { return null; }
    return path.charAt(0) === '/' && path.charAt(1) !== '/' ? base + path : path;
  }

  function text(value) { return typeof value === 'string' ? value : ''; }
  function number(value) { return CT.isNumber(value) ? value : 0; }

  /* CARD of docs/architecture.md, or null where the reply holds something else. */
  function card(raw) {
    if (!raw || typeof raw !== 'object' || (!CT.isNumber(raw.id) && !text(raw.id))) { return null; }
    return {
      id: raw.id, title: text(raw.title) || '未命名', poster: resolve(raw.poster), duration_s: number(raw.duration_s),
      category: text(raw.category), category_name: text(raw.category_name),
      series_id: raw.series_id || null, order: CT.isNumber(raw.order) ? raw.order : null
    };
  }

  function each(list, make) {
    var kept = [];
    if (!(list instanceof Array)) { return kept; }
    for (var i = 0; i < list.length; i += 1) {
      var value = make(list[i]);
      if (value) { kept.push(value); }
    }
    return kept;
  }
  function cards(list) { return each(list, card); }

  function row(raw) {
    var items = raw && typeof raw === 'object' ? cards(raw.items) : [];
    return items.length ? { id: text(raw.id) || 'row', name: text(raw.name), items: items } : null;
  }

  function sprite(raw) {
    var ok = raw && raw.urls instanceof Array && raw.urls.length && raw.tile_width > 0 && raw.tile_height > 0 &&
      raw.columns > 0 && raw.rows > 0 && raw.count > 0 && raw.interval_s > 0;
    return ok ? CT.extend(CT.extend({}, raw), { urls: each(raw.urls, resolve) }) : null;
  }

  function detail(raw) {
    var value = card(raw);
    if (!value) { return null; }
    return CT.extend(value, {
      summary: text(raw.summary), lecturer: text(raw.lecturer), source: text(raw.source),
      required: raw.required === true, study_hours: number(raw.study_hours), playback_url: resolve(raw.playback_url),
      series: raw.series && raw.series.id ? { id: raw.series.id, title: text(raw.series.title) } : null,
      sprite: sprite(raw.sprite)
    });
  }

  function resumeItem(raw) {
    var title = raw && card(raw.title);
    return title && { title: title, position_s: number(raw.position_s), at_ms: CT.parseTime(raw.updated_at) };
  }

  /* A revoked token must not darken the screen: 401 falls back to what is public. */
  function send(method, path, body, done) {
    var url = base + '/api/v1' + path;
    var handle = { cancel: function () { inner.cancel(); } };
    var inner = CT.request(method, url, { token: token, body: body }, function (error, value) {
      if (error && error.status === 401 && token) {
        token = null;
        inner = CT.request(method, url, { body: body }, done);
        return;
      }
      done(error, value);
    });
    return handle;
  }

  function get(path, tries, make, done, onRetry) {
    return CT.retrying(function (answer) {
      return send('GET', path, null, function (error, raw) {
        var value = error ? null : make(raw);
        answer(error || (value ? null : { kind: 'bad', status: 200 }), value);
      });
    }, tries, done, onRetry);
  }

  CT.api = {
    start: function () {
      base = String(CT.option('api') || '').replace(/\/+$/, '');
      loadToken();
    },
    paired: function () { return token !== null; },
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
        return raw.items instanceof Array ? { id: raw.id, title: text(raw.title), items: cards(raw.items) } : null;
      }, done);
    },
    saveResume: function (id, position_s, done) {
      return send('PUT', '/titles/' + encodeURIComponent(id) + '/resume', { position_s: position_s }, done);
    }
  };
}(window.CT, window));
