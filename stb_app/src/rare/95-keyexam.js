/* The questions of the key test: which key is asked for, what an answer means, what comes out as corrections. */
(function (CT) {
  'use strict';
  var SETTLE_MS = 450;    // repeats of a key just taken are not an answer to the next question
  var GIVE_UP = 3;        // questions without any key at all
  var ASKED = [['up', '上'], ['down', '下'], ['left', '左'], ['right', '右'], ['ok', 'OK'], ['back', '返回'],
    ['chup', '频道 +'], ['chdown', '频道 −'], ['digit1', '数字 1'], ['home', '首页'], ['guide', '节目单'], ['blue', '蓝色']];
  var NAMES = { red: '红色', green: '绿色', yellow: '黄色', pageup: '上一页', pagedown: '下一页', volup: '音量 +', voldown: '音量 −',
    mute: '静音', play: '播放', pause: '暂停', playpause: '播放/暂停', stop: '停止', ff: '快进', rew: '快退', info: '信息',
    menu: '菜单', exit: '退出', live: '直播', vod: '点播', catchup: '回看', last: '上一个频道', event: '播放器' };
  ASKED.forEach(function (entry) { NAMES[entry[0]] = entry[1]; });
  function nameOf(fn) { return NAMES[fn] || (/^digit/.test(fn) ? '数字 ' + fn.charAt(5) : fn); }

  /* The keys a test found, as {function: [code]} beside the profile: only what the profile has not, or has otherwise. */
  function corrections(found, before) {
    var keys = {};
    var taken = {};
    for (var fn in found) { if (CT.has(found, fn)) { taken[found[fn]] = true; } }
    for (var old in before) {
      if (CT.has(before, old) && !CT.has(found, old)) {
        var left = before[old].filter(function (code) { return !taken[code]; });
        if (left.length) { keys[old] = left; }
      }
    }
    for (var name in found) {
      if (CT.has(found, name) && CT.keys.decode(CT.profile, { keyCode: found[name] }).indexOf(name) < 0) { keys[name] = [found[name]]; }
    }
    return keys;
  }
  function empty(table) { return !Object.keys(table).length; }

  /* One run through the questions. view: {question(k), say(sentence), done(), leave(sentence)} */
  function makeExam(view) {
    var exam = { k: -1, found: {}, skipped: [], code: null };
    var settledAt = 0, leaving = false, silent = 0;

    function now() { return new Date().getTime(); }
    function ownerOf(code) {
      for (var fn in exam.found) { if (CT.has(exam.found, fn) && exam.found[fn] === code) { return fn; } }
      return null;
    }
    exam.fn = function () { return ASKED[exam.k][0]; };

    function next() {
      exam.k += 1;
      leaving = false;
      if (exam.k >= ASKED.length) { view.done(); } else { view.question(exam.k); }
    }

    /* The clock ran out on this key. */
    exam.skip = function () {
      silent += 1;
      exam.skipped.push(exam.fn());
      if (silent >= GIVE_UP && empty(exam.found)) { view.leave('没有收到按键，已退出按键测试'); return; }
      view.say('这个键没有，跳过');
      next();
    };

    /* Back pressed where another key is asked for: once says so, twice leaves. */
    function wantsToLeave(code, fns) {
      var learnt = ownerOf(code);
      return exam.fn() !== 'back' && (learnt ? learnt === 'back' : fns.indexOf('back') >= 0);
    }

    exam.take = function (code, fns, repeat) {
      var early = Math.abs(now() - settledAt) < SETTLE_MS;
      if (repeat || early) { settledAt = now(); return; }
      settledAt = now();
      exam.code = code;
      silent = 0;
      if (!code) { view.say('这个键没有编号，教不了，请按别的键'); return; }
      var owner = ownerOf(code);
      if (wantsToLeave(code, fns)) {
        if (leaving) { view.leave('已退出按键测试，没有改动'); return; }
        leaving = true;
        view.say('这是【返回】键。再按一次就退出测试。');
        return;
      }
      leaving = false;
      if (owner) {
        view.say('编号 ' + code + '：这个键刚才当作【' + nameOf(owner) + '】了。请按【' + nameOf(exam.fn()) + '】键。');
        return;
      }
      exam.found[exam.fn()] = code;
      view.say(verdict(code, fns, exam.fn()));
      next();
    };
    exam.start = next;
    return exam;
  }

  function verdict(code, fns, fn) {
    if (fns.indexOf(fn) >= 0) { return '编号 ' + code + '：【' + nameOf(fn) + '】，没有问题'; }
    if (!fns.length) { return '编号 ' + code + '：学会了，这是【' + nameOf(fn) + '】'; }
    return '编号 ' + code + '：原来当作【' + nameOf(fns[0]) + '】，现在改成【' + nameOf(fn) + '】';
  }

  CT.keyExam = { asked: ASKED, nameOf: nameOf, corrections: corrections, make: makeExam, settle_ms: SETTLE_MS };
}(window.CT));
