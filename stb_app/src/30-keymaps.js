/* The remotes, as data: per profile, function -> key codes (and key names where a remote has no codes).
   Never one merged table: 4 is "right" on one box and Back on another. One code may serve two functions
   (page and channel, pause and up): they are offered to the screen in the order written here. */
(function (CT) {
  'use strict';
  var ARROWS = { left: [37], up: [38], right: [39], down: [40], ok: [13] };
  var HBBTV_COLOURS = { red: [403], green: [404], yellow: [405], blue: [406] };
  var HBBTV_MEDIA = { play: [415], pause: [19], ff: [417], rew: [412], stop: [413] };
  var INFO = { info: [457], guide: [458] };

  function profile() {
    var table = {};
    for (var i = 0; i < arguments.length; i += 1) { CT.extend(table, arguments[i]); }
    for (var d = 0; d <= 9; d += 1) { table['digit' + d] = [48 + d].concat(table['digit' + d] || []); }
    return table;
  }

  function numpad() {
    var table = {};
    for (var d = 0; d <= 9; d += 1) { table['digit' + d] = [96 + d]; }
    return table;
  }

  var IPANEL_SHARED = {
    ok: [13], pageup: [372], pagedown: [373], chup: [593], chdown: [594], volup: [595], voldown: [596],
    home: [512], menu: [513], event: [5202, 5203, 5205, 5206, 5210]
  };

  CT.keymaps = {
    hbbtv: { codes: profile(ARROWS, HBBTV_COLOURS, HBBTV_MEDIA, INFO, {
      back: [461], pageup: [33], pagedown: [34], chup: [427], chdown: [428]
    }) },
    tizen: { codes: profile(ARROWS, HBBTV_COLOURS, HBBTV_MEDIA, INFO, {
      back: [10009], exit: [10182], chup: [427], chdown: [428], volup: [447], voldown: [448], mute: [449],
      playpause: [10252], menu: [10133], last: [10190]
    }) },
    webos: { codes: profile(ARROWS, HBBTV_COLOURS, HBBTV_MEDIA, INFO, {
      back: [461], pageup: [33], pagedown: [34], chup: [33], chdown: [34]
    }) },
    android: {
      codes: profile(ARROWS, {
        back: [166], pageup: [33], pagedown: [34], chup: [33], chdown: [34], volup: [175], voldown: [174], mute: [173],
        playpause: [179], ff: [228], rew: [227], stop: [178]
      }),
      names: { ColorF0Red: 'red', ColorF1Green: 'green', ColorF2Yellow: 'yellow', ColorF3Blue: 'blue',
        GoBack: 'back', BrowserBack: 'back' }
    },
    ctc: { codes: profile(ARROWS, {
      back: [8, 640, 24, 399], exit: [27, 514], red: [275], green: [276], yellow: [277], blue: [278],
      pageup: [33], pagedown: [34], chup: [257], chdown: [258], volup: [259], voldown: [260], mute: [261],
      playpause: [263], ff: [264], rew: [265], stop: [270], info: [268], live: [1108], vod: [1109], catchup: [1110],
      home: [272], event: [768]
    }) },
    ipanel: { codes: profile(IPANEL_SHARED, {
      up: [1], down: [2], left: [3], right: [4], back: [340], exit: [339],
      red: [832], green: [833], yellow: [834], blue: [835]
    }) },
    advance: { codes: profile(IPANEL_SHARED, ARROWS, {
      back: [8], exit: [27], red: [2305], green: [2306], yellow: [2307], blue: [2308]
    }) },
    desktop: { codes: profile(ARROWS, numpad(), {
      back: [27, 8], exit: [35], red: [112], green: [113], yellow: [114], blue: [115],
      pageup: [33], pagedown: [34], chup: [33], chdown: [34], volup: [107, 187], voldown: [109, 189], mute: [77],
      playpause: [32], ff: [221], rew: [219], stop: [83], info: [73], guide: [71], home: [36]
    }) }
  };

  /* Turns a profile into code -> [function…], written order kept. */
  CT.compileKeys = function (map) {
    var byCode = {};
    for (var fn in map.codes) {
      if (!CT.has(map.codes, fn)) { continue; }
      for (var i = 0; i < map.codes[fn].length; i += 1) {
        var code = map.codes[fn][i];
        byCode[code] = (byCode[code] || []).concat(fn);
      }
    }
    return { byCode: byCode, byName: map.names || {} };
  };
}(window.CT));
