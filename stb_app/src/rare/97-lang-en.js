/* The app's words in English, sentence by sentence; {0}, {1} stand for what comes in between. Grouped by where they
   are said; a sentence said in two places stands once. */
(function (CT) {
  'use strict';
  CT.words = { en: {
    // times
    '{0} 秒': '{0} s', '{0} 分钟': '{0} min', '{0} 小时': '{0} h', '{0} 小时 {1} 分': '{0} h {1} min',
    '昨天': 'Yesterday', '今天': 'Today', '明天': 'Tomorrow', '{0}月{1}日 星期{2}': '{2} {1}/{0}', '{0}月{1}日 星期{2} {3}': '{2} {1}/{0} {3}',
    '昨天 {0}': 'Yesterday {0}', '今天 {0}': 'Today {0}', '明天 {0}': 'Tomorrow {0}',
    '日': 'Sun', '一': 'Mon', '二': 'Tue', '三': 'Wed', '四': 'Thu', '五': 'Fri', '六': 'Sat',

    // whole app
    '村台': '村台', '频道 {0}': 'TV {0}', '未命名节目': 'Untitled programme', '未命名': 'Untitled',
    '这个节目已经下架了': 'This programme has been withdrawn', '这个节目暂时不能观看': 'This programme cannot be watched now',
    '网络不太顺畅，正在重试…': 'The network is slow, trying again…', '服务器正忙，正在重试…': 'The server is busy, trying again…',
    '这一页要联网才能打开，请过一会儿再试': 'This page needs the network: please try again later', '这一页要等机顶盒更新以后才能打开': 'This page opens once the box has been updated',
    '网络不太顺畅，请过一会儿再试': 'The network is slow, please try again later',
    '电视台页面出了点问题，马上重新打开…': 'Something went wrong, starting again…',
    '刚才出了点小问题，已回到{0}': 'Something went wrong; back to {0}', '电视': 'television',
    '已换成大字': 'Large text', '已换成标准字': 'Normal text', '正在打开…': 'Opening…', '请稍等': 'One moment please',
    '返回': 'Back', '再试一次': 'Try again', '好': 'OK', '没有': 'None', '无': 'none',

    // live television
    '暂时没有节目信息': 'No programme information', '接着 {0}': 'Next {0}', '跳到': 'GO TO', '已暂停': 'PAUSED', '时移': 'LATER', '直播': 'LIVE',
    '按 OK 键跳到这里': 'OK: go here', 'OK 键继续，返回键回到直播': 'OK: go on, Back: live',
    'OK 键暂停，返回键回到直播': 'OK: pause, Back: live', 'OK 键选台，左键倒回': 'OK: channels, Left: rewind', 'OK 键选台': 'OK: channels',
    '正在加载…': 'Loading…', '这个频道暂时没有信号': 'No signal on this channel just now', '正在看 {0}': 'Watching {0}',
    '没有这个频道': 'No such channel', '这个频道不能倒回': 'This channel cannot be rewound', '这个节目现在不能从头看': 'This programme cannot be started over now',
    '首页': 'Home', '选台': 'Tune', '节目单': 'Guide', '从头看': 'Restart', '暂停': 'Pause', '收藏': 'Keep', '已收藏': 'Kept',
    '标准字': 'Normal', '大字': 'Large', '网络不太顺畅，请用上下键换台': 'The network is slow: change channel with Up and Down',

    // channel list and guide
    '全部': 'All', '{0} 个频道': '{0} channels', '左右键换一组': 'Left, Right: another group', '{0} 正在播出 {1}': '{0}, now {1}', '{0} 正在播出': '{0}, on now',
    '节目单暂时取不到': 'The guide cannot be had just now', '没有节目信息': 'No information', '已提醒 {0}': 'Reminder {0}',
    'OK 键看这个频道': 'OK: watch this channel', '已设提醒，OK 键取消': 'Reminder set, OK: cancel', 'OK 键设提醒': 'OK: remind me',
    '正在播出，OK 键观看': 'On now, OK: watch', 'OK 键回看': 'OK: watch', '没有录下来': 'Not recorded',
    '节目单暂时取不到，可以照常换台': 'No guide just now; channels work as usual', '看直播': 'Watch live',
    '到时候会提醒您': 'You will be reminded', '已取消提醒': 'Reminder cancelled', '这个节目没有录下来': 'This programme was not recorded',
    '您等的节目': 'Your programme', '{0}：{1}开始了，OK 键观看': '{0}: {1} has begun, OK: watch',

    // home, titles, player
    '继续看': 'Continue', '继续观看': 'Continue watching', '还没有节目': 'Nothing here yet',
    '县里发布节目以后，会出现在这里。': 'What the county publishes will appear here.', '刷新': 'Refresh',
    '暂时连不上县里的服务器': 'The county cannot be reached', '马上再试': 'Try now',
    '电视没有坏，正在自动重试。也可以按 OK 键马上再试。': 'The television is fine; it tries again by itself. OK: try now.',
    '点播学习': 'Learn', '村务通知': 'News', '搜索': 'Search', '我的': 'Mine', '消息': 'Mail', '{0} 条新的': '{0} new', 'OK 键全屏': 'OK: full',
    '看电视': 'Watch TV', '看电视 {0}': 'Watch TV {0}', '主讲 {0}': 'By {0}', '必学': 'Required', '必修': 'Required', '选修': 'Optional', '{0} 学时': '{0} h',
    '正在准备，请稍后': 'Being prepared, later please', '播放': 'Play', '继续播放 {0}': 'Go on at {0}', '从头播放': 'From the beginning',
    '{0}  共 {1} 集': '{0}  {1} episodes', '第 {0} 集 {1}': 'Episode {0} {1}', '{0} 看完了': '{0}, watched', '{0} 看了一部分': '{0}, begun',
    'OK 键暂停，左右键快退快进': 'OK: pause, Left, Right: seek', '已暂停，按 OK 键继续': 'Paused, OK: go on', '正在播放 {0}': 'Playing {0}',
    '重播': 'Play again', '看完了': 'Finished', '看完': 'Watched', '看完了：{0}': 'Finished: {0}', '暂时放不出来': 'It cannot be played just now',
    '电视没有坏。请再试一次，或者先看别的节目。': 'The television is fine. Try again, or watch something else first.',
    '准备好了会自动播放。': 'It plays by itself when ready.', '下一集': 'Next episode', '下一个节目': 'Next programme', '回到直播': 'Back to live',

    // captions
    '字幕': 'Captions', '有字幕': 'Captions', '字幕大小': 'Caption size', '开': 'on', '关': 'off', '大': 'Large', '特大': 'Largest', '▼ 字幕：{0}': '▼ Captions: {0}',
    '字幕：{0}': 'Captions: {0}', '语言：{0}': 'Language: {0}', '字幕大小：{0}': 'Size: {0}', '字幕已打开': 'Captions on', '字幕已关闭': 'Captions off',
    '这个节目没有字幕': 'This programme has no captions', '字幕暂时取不到，请过一会儿再试': 'No captions just now, please try later',

    // what the other screens say most
    '音量 {0}': 'Volume {0}', '问一问': 'Ask', '全集': 'All', '通知': 'News', '重要': 'Important', '我的提问': 'My questions', '我要提问': 'Ask',
    '已答复': 'Answered', '新答复': 'New', '等待答复': 'Waiting', '暂时连不上服务器': 'The server cannot be reached', '还没有收藏': 'Nothing kept yet',
    '电视没有坏，过一会儿再试。': 'The television is fine; try later.', '网络可能不太顺畅，电视没有坏。': 'The network may be slow; the television is fine.',
    '知道了': 'OK', '现在绑定': 'Pair now', '这台电视还没有绑定': 'This box is not paired yet', '{0} 个节目': '{0} programmes',

    // browsing, series, mine
    '第 {0} 个': 'No. {0}', '{0}　共 {1} 个': '{0}　{1} in all', '{0}　第 {1} 个，共 {2} 个': '{0}　{1} of {2}', '没有第 {0} 个': 'There is no number {0}',
    '一共 {0} 个': 'There are {0} in all', '正在翻到第 {0} 个…': 'Turning to number {0}…', '这里还没有节目': 'Nothing here yet',
    '县里发布以后，会出现在这里。': 'What the county publishes will appear here.',
    '第 {0} 集': 'Episode {0}', '没有第 {0} 集': 'There is no episode {0}', '共 {0} 集': '{0} episodes', '接着看 第 {0} 集': 'Go on: episode {0}', '从第 1 集看': 'From episode 1',
    '已收藏，在“首页 → 我的”里可以找到': 'Kept: find it in Home → Mine', '已取消收藏': 'No longer kept', '系列': 'Series', '看过': 'Watched',
    '红色键：去掉这一个': 'Red key: take this one away', '已去掉，按 OK 键恢复': 'Taken away. OK: bring it back', '已恢复': 'It is back',
    '已去掉': 'Taken away', '{0}，按 OK 键恢复': '{0}. OK: bring it back', '收藏已清空': 'Nothing is kept now', '记录已清空': 'Nothing is remembered now',
    '收藏已清空，按 OK 键恢复': 'All taken away. OK: bring it back', '记录已清空，按 OK 键恢复': 'All forgotten. OK: bring it back',
    '还没有看到一半的节目': 'Nothing begun', '没看完的节目会记在这里，下次接着看。': 'What you have not finished waits here.',
    '在节目页面按“收藏”，喜欢的节目和频道就放在这里。': 'Press Keep on a programme: what you like is here.',
    '还没有看过节目': 'Nothing watched yet', '看过的节目会记在这里。': 'What you have watched is kept here.', '去看看节目': 'Find something',
    '暂时连不上服务器，这里是本机记下的': 'No answer from the county: this is what the box remembers', '这里本来就是空的': 'There is nothing here',
    '清空“{0}”？': 'Clear {0}?', '不清空': 'Keep', '这里的节目都会去掉。节目本身还在，随时可以再看。': 'This list will be empty. The programmes stay.',

    // notices, questions
    '第 {0} 条 / 共 {1} 条': '{0} of {1}', '第 {0} 条 / 共 {1} 条以上': '{0} of more than {1}', '第 {0} 条': 'No. {0}', '没有第 {0} 条': 'There is no number {0}', '共 {0} 条': '{0} in all',
    '上下键选择，OK 键打开': 'Up, Down: choose, OK: open', '扫描件 {0} 页': 'Scanned pages: {0}', '{0}年{1}月{2}日': '{2}/{1}/{0}', '{0}月{1}日': '{1}/{0}',
    '现在没有通知': 'No news just now', '村里、镇里和县里发了通知，会出现在这里。': 'What the village, town and county tell appears here.',
    '暂时取不到通知': 'The news cannot be had just now',
    '暂时取不到这条通知': 'It cannot be had just now', '这条通知已经撤下了': 'This has been withdrawn', '请看看别的通知。': 'Please look at the others.',
    '这条通知没有内容。': 'There is nothing in it.', '正在取这一页…': 'The page is coming…', '这一页没有取到': 'The page did not come',
    '网络可能不太顺畅，可以再试一次，也可以先看别的页。': 'The network may be slow. Try again, or read another page.',
    '第 {0} 页 / 共 {1} 页': 'Page {0} of {1}', '第 {0} 页': 'Page {0}', '没有第 {0} 页': 'There is no page {0}', '{0} 扫描件': '{0}, scanned page',
    '左右键翻页　OK 键更多': 'Left, Right: turn　OK: more', 'OK 键更多　返回键退出': 'OK: more　Back: leave', '左右键翻页　OK 键放大': 'Left, Right: turn　OK: larger',
    '上下键看别的页': 'Up, Down: other pages', '放大 {0} 倍　方向键移动　OK 键再放大': '{0} times　Arrows: move　OK: larger', '放大 {0} 倍　方向键移动　OK 键看整页': '{0} times　Arrows: move　OK: whole page',
    '请选择': 'Please choose', '有不明白的地方，可以提问。': 'Anything unclear? You may ask.', '从头再看': 'From the start',
    '您问：': 'You asked: ', '村里的答复': 'The village answers', '还没有答复': 'No answer yet', '{0} 提问': 'Asked: {0}', '今天 提问': 'Asked: today', '昨天 提问': 'Asked: yesterday',
    '村里收到了您的问题，答复以后会在“我的提问”里告诉您，请过几天再来看看。': 'The village has your question. The answer will be in My questions; please look again in a few days.',
    '还没有提过问题': 'Nothing asked yet', '账目看不明白、办事找不着人，都可以问村里。': 'Accounts unclear, nobody to be found? Ask the village.',
    '暂时取不到您的提问': 'Your questions cannot be had just now', '有 {0} 条新答复': 'New answers: {0}', '网络不太顺畅，看到的可能不是最新的': 'The network is slow: this may not be the latest',
    '绑定到自己的村以后，就能向村里提问、看答复。': 'Once paired with your village, you can ask it here.',
    '选一句，按 OK 键，就能问村里。': 'Choose a sentence, press OK: the village is asked.', '关于：{0}': 'About: {0}',
    '要留电话或数目，请先按数字键': 'A telephone number or an amount? Press the digits first', '加上数字：{0}　（返回键清除）': 'With: {0}　(Back clears)',
    '问村里这一句吗？': 'Ask the village this?', '发出去': 'Send', '再想想': 'Not yet', '正在发出…': 'Sending…', '不发了': 'Do not send',
    '谢谢，已经发给村里了': 'Thank you, the village has it', '有了答复，会出现在“我的提问”里。': 'The answer will be in My questions.',
    '今天问得不少了': 'Enough asked today', '请明天再接着问。': 'Please go on tomorrow.', '问的这一项已经撤下了': 'What you ask about was withdrawn',
    '可以从“我的提问”里再问。': 'You can ask again from My questions.', '没有发出去': 'It was not sent', '网络可能不太顺畅，您的问题还在。': 'The network may be slow; your question is kept.',
    '暂时不能提问': 'Asking is not possible just now',

    // search
    '删除': 'Delete', '清空': 'Clear', '换成九宫格': 'Number pad', '换成字母': 'Letters', '遥控器的数字键也能直接按': 'The digits of the remote work too',
    '视频': 'Films', '课程': 'Lessons', '频道': 'TV', '节目': 'Shows',
    '按拼音的首字母找，例如“农业”按 N Y': 'By the initials of pinyin: N Y for 农业', '按数字键找，例如“农业”按 6 9': 'By digits: 6 9 for 农业',
    '按数字键': 'By digits', '按首字母': 'By initials', '已输入 {0}': 'Typed {0}', '最近找过的和大家在看的': 'Recent and popular', '大家在看': 'Popular',
    '暂时连不上服务器，正在重试…': 'The server cannot be reached, trying again…', '再按一个键就能看到结果': 'One more key shows results',
    '没有找到。删掉一个键再试试': 'Nothing found. Delete a key and try again',

    // settings
    '设置': 'Setup', '文字大小': 'Text size', '标准': 'Normal', '开机画面': 'First screen', '语言': 'Language',
    '遥控器按键测试': 'Test the remote', '遥控器教学': 'Learn the remote', '绑定机顶盒': 'Pair this box', '本机信息': 'About this box', '恢复默认': 'Reset',
    '所有文字一起变大。平时按遥控器的蓝键也能换。': 'All text grows together. The blue key does it at any time.',
    '打开机顶盒以后，先看到什么。': 'What you see first after switching on.', '菜单和提示用哪种文字。节目名称不变。': 'For menus and hints. Names of programmes stay.',
    '哪个键按了不对，在这里教给机顶盒。': 'Teach this box the keys of your remote.', '一步一步学会用遥控器，只要一分钟。': 'Step by step, in one minute.',
    '告诉县里这台机顶盒在哪个村，才能收到村里的通知。': 'Tells the county which village this box is in, for its notices.',
    '型号、版本和网络。打电话求助时会用到。': 'Model, version and network, for a call for help.',
    '文字大小、字幕、开机画面、语言和按键回到最初。绑定不变。': 'All choices and keys start anew. Pairing stays.',
    '除了绑定，这里改过的都会回到最初。': 'All starts anew but the pairing.',
    '节目有字幕时，把说的话写出来。看节目时按黄键也能换。': 'Shows what is said, where it can. The yellow key does it too.',
    '看不清字幕，就换大一号。': 'Hard to read? Choose a larger size.',
    '恢复默认？': 'Reset?', '不恢复': 'Keep', '已经恢复默认。按 OK 键可以撤消': 'Reset. OK: take it back', '已经撤消': 'Taken back',
    '改过 {0} 个键': '{0} keys changed', '没有改动': 'Unchanged', '一分钟': 'One minute', '还没有绑定': 'Not paired yet', '中文': 'Chinese',

    // about
    '机顶盒编号': 'Box number', '地点': 'Place', '型号': 'Model', '浏览器': 'Browser', '播放器': 'Player', '遥控器': 'Remote', '版本': 'Version', '服务器': 'Server',
    '测一测网络': 'Test the network', '正在测试…': 'Testing…', '连不上服务器，请检查网线': 'No answer: please check the cable',
    '网络 {0} 毫秒，{1}': 'Network {0} ms, {1}', '很顺畅': 'good', '有点慢': 'rather slow',

    // key test
    '上': 'Up', '下': 'Down', '左': 'Left', '右': 'Right', '频道 +': 'Channel +', '频道 −': 'Channel −', '数字 1': 'Digit 1',
    '蓝色': 'Blue', '红色': 'Red', '绿色': 'Green', '黄色': 'Yellow', '上一页': 'Page up', '下一页': 'Page down',
    '音量 +': 'Volume +', '音量 −': 'Volume −', '静音': 'Mute', '播放/暂停': 'Play/pause', '停止': 'Stop', '快进': 'Forward', '快退': 'Rewind',
    '信息': 'Info', '菜单': 'Menu', '退出': 'Exit', '点播': 'On demand', '回看': 'Catch-up', '上一个频道': 'Last channel', '数字 {0}': 'Digit {0}',
    '没有收到按键，已退出按键测试': 'No key came: the test has ended', '这个键没有，跳过': 'No such key: skipped',
    '这个键没有编号，教不了，请按别的键': 'This key has no code; please press another', '已退出按键测试，没有改动': 'Left the test, nothing changed',
    '这是【返回】键。再按一次就退出测试。': 'This is Back. Once more leaves the test.', '编号 {0}：【{1}】，没有问题': 'Code {0}: {1}, as it should be',
    '编号 {0}：这个键刚才当作【{1}】了。请按【{2}】键。': 'Code {0} has just been taken for {1}. Please press {2}.',
    '编号 {0}：学会了，这是【{1}】': 'Code {0}: learnt as {1}', '编号 {0}：原来当作【{1}】，现在改成【{2}】': 'Code {0}: was {1}, is {2} now',
    '按返回键两次可以退出。': 'Back twice leaves.', '一个键一个键地试，不对的就教给机顶盒': 'Teach the box your keys',
    '一共 12 个键。遥控器上没有的键，等 20 秒就自动跳过。': 'Twelve keys. One that your remote has not is skipped after 20 s.', '{0} 号': 'code {0}',
    '请按遥控器上的【{0}】键': 'Please press {0}', '还等 {0} 秒': '{0} s left', '测完了，改了 {0} 个键': 'Done, {0} keys changed',
    '遥控器一切正常，不用改': 'Your remote works as it is', '这样改会少了必需的键，不能保存。请重新测试。': 'A key you need would be missing; please test again.',
    '改过的键：{0}': 'Changed: {0}', '{0}、{1}': '{0}, {1}', '试过的键都认得。': 'All keys are known.', '请用新的【OK】键按一下，就保存好了': 'Press the new OK key to save',
    '不按的话，会恢复成原来的按键。': 'Otherwise the former keys come back.', '保存好了': 'Saved', '开始测试': 'Begin', '恢复原来的按键': 'Former keys',
    '遥控器按键已恢复原样': 'The former keys are back', '重新测试': 'Again', '保存': 'Save', '不保存': 'Do not save',
    '没有确认，按键已恢复原样': 'Not confirmed: the former keys are back', '正在报告给县里…': 'Telling the county…',
    '这台机顶盒还没有绑定，改动只保存在这台机顶盒上。': 'This box is not paired: the change is kept on it only.',
    '暂时没有报告给县里，以后会自动再报。': 'The county could not be told yet; it will be tried again.',
    '已经报告给县里，管理员同意后，同样的机顶盒都能用上。': 'The county has been told: once agreed, it helps every box of this kind.',
    '遥控器按键不对？再按一次同一个键，进入按键测试': 'Wrong keys? Press the same key again to test the remote',

    '这一页暂时打不开，请先看看别的': 'This page does not open just now: try another', '暂时打不开': 'Not just now', '“{0}”现在看不了，换到{1}': '{0} is not to be had now: {1}',

    // pairing
    '这台电视已经解除绑定，现在可以看公开的节目': 'This box is no longer paired: you see what is public',
    '已经绑定': 'Paired', '机顶盒编号 {0}': 'Box number {0}', '重新绑定': 'Pair again', '电视没有坏，请过一会儿再试。': 'The television is fine; please try later.',
    '验证码过期了': 'The code has run out', '为了安全，每个验证码只用十几分钟。按 OK 键换一个新的。': 'Each code serves a few minutes only. OK: a new one.',
    '换一个': 'New code', '已绑定：{0}': 'Paired: {0}', '本村': 'this village', '以后村里的通知和答复会送到这台电视。': 'Notices and answers of the village will come here.',
    '请村里的管理员用手机扫右边的图，或者在网页上输入：': 'Let your administrator scan this, or type on the page:',
    '验证码 {0}': 'Code {0}', '二维码，用手机扫一扫': 'QR code, to be scanned', '还有 {0}': '{0} left',

    // tour
    '换台：请按【上】或者【下】': 'Change channel: press Up or Down', '对了！看电视时，这样就换台。': 'Right! This changes the channel on TV.',
    '选台：请按中间的【OK】': 'Choose: press OK in the middle', '对了！看电视时，按它打开频道列表。': 'Right! On TV it opens the list of channels.',
    '倒回去看：请按【左】或者【右】': 'Look back: press Left or Right', '对了！左是往回倒，右是往前进。': 'Right! Left goes back, Right goes forward.',
    '走错了不怕：请按【返回】': 'Lost? Press Back', '对了！按【返回】总能回到电视。': 'Right! Back always leads to the television.',
    '看节目、看通知：请按【首页】': 'Films and notices: press Home', '对了！看完一圈，再按【返回】就是电视。': 'Right! Look around, then Back is TV again.',
    '字太小：请按【蓝色】键': 'Too small? Press the blue key', '字换了大小！再按一次就换回来。': 'The text has changed! Once more changes it back.', '蓝': 'B',
    '第 {0} 步，一共 {1} 步': 'Step {0} of {1}', '按返回键退出': 'Back leaves', '没有这个键就按 OK 键跳过': 'No such key? OK skips it',
    '没有这个键就按 OK 键跳过，按返回键退出': 'No such key? OK skips it. Back leaves', '学会了！': 'Well done!',
    '忘了也不要紧，在【设置】里可以再学一遍。': 'You can learn it again in Setup.', '再学一遍': 'Once more',
    '这是【{0}】，不要紧。{1}': 'That was {0}, never mind. {1}', '按到别的键了，不要紧。{0}': 'That was another key, never mind. {0}',
    '看右边，找亮着的那个键。': 'Look at the right: the bright one.', '第一次使用？按 OK 键，看一分钟遥控器教学': 'First time? OK: one minute about the remote'
  } };
}(window.CT));
