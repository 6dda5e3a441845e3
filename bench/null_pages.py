"""Pages that do the least, to be measured beside the app in the same run."""

#: The least a page can do for a key: move a class from one element to another.
NULL_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>null</title>
<style>div{position:absolute;top:100px;width:200px;height:100px}.f{background:#fc6}</style>
<div id="a">a</div><div id="b" style="left:300px">b</div>
<script>var on=0,d=document,e=[d.getElementById('a'),d.getElementById('b')];
d.addEventListener('keydown',function(){e[on].className='';on=1-on;e[on].className='f';});</script>
"""

#: The least that walks a grid of titles without end: nine cards, their three lines of words change
#: in place when a row is left. No pictures, no categories, nothing that is fetched or remembered.
ROWS_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>rows</title>
<style>body{background:#1c1813;color:#f2e8d5;font:28px/1.3 "Noto Sans CJK SC",sans-serif;margin:0}
div{position:absolute}.port{left:346px;top:116px;width:934px;height:596px;overflow:hidden}
.card{width:264px;height:224px;border:6px solid transparent;border-radius:14px}
.card.f{background:#f6c65b;border-color:#f6c65b}.f .words{color:#221a0c}
.cover{width:264px;height:148px;border-radius:8px;overflow:hidden;background:#5b4326}
.name{left:16px;right:16px;top:16px;font-size:32px;line-height:42px;font-weight:bold}
.words{left:4px;top:151px;width:256px;height:74px;overflow:hidden;line-height:37px}</style>
<div class="port"></div>
<script>var port=document.querySelector('.port'),on=0,row=0,cards=[],
KEYS={ArrowRight:1,ArrowLeft:-1,ArrowDown:3,ArrowUp:-3};
function words(k){return '养鸡管理第'+k+'讲';}
for(var k=0;k<9;k+=1){port.insertAdjacentHTML('beforeend','<div class="card" style="left:'+k%3*290+
'px;top:'+Math.floor(k/3)*256+'px"><div class="cover"><div class="name">'+words(k)+
'</div></div><div class="words">'+words(k)+'</div></div>');cards.push(port.lastChild);}
function turn(by){row+=by;for(var k=0;k<9;k+=1){
cards[k].firstChild.firstChild.firstChild.nodeValue=words(row*3+k);
cards[k].lastChild.firstChild.nodeValue=words(row*3+k);}}
document.addEventListener('keydown',function(event){var to=on+(KEYS[event.key]||0);
if(to>5){turn(1);to-=3;}else if(to<0){turn(-1);to+=3;}
cards[on].className='card';on=to;cards[on].className='card f';});</script>
"""
