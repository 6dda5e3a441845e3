import time, pytest
from core.db import *
from tests.factories import *
from vod_server.searching import *
from catalog.search.model import Question, scopes_of
from catalog.search import suggest as sg
from catalog.search.sql_index import read_typed
import bench.search as b, itertools
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_it(house):
    b.TITLES=1500
    h=b._headlines; b._headlines=lambda: itertools.islice(h(),1500)
    with session_scope(house.sessions) as s: make_county(s); 
    names=b._fill(house)
    t=time.time(); n=make_indexer(house).drain(); print(n,time.time()-t)
    ix=open_index()
    for analyzed in (0,1):
      if analyzed:
        with house.engine.connect() as c: c.exec_driver_sql("analyze"); c.commit()
      for path in (None,'1/2/3/'):
        with read_scope(house.sessions) as s:
            for L in (1,2,5):
              xs=[];ys=[];zs=[]
              for i in range(25):
                q='zgxsjgqd'[i%8]+'zgxsjgqd'[(i//3)%8]*(L-1)
                t=time.perf_counter(); f=ix.suggest(s,Question(q,path,b.NOW)); xs.append((time.perf_counter()-t)*1e3)
                ty=read_typed(q,'initials')
                t=time.perf_counter(); sg.look_up(s,ty,scopes_of(path),limit=31); ys.append((time.perf_counter()-t)*1e3)
                t=time.perf_counter(); sg.leads(s,ty,scopes_of(path)); zs.append((time.perf_counter()-t)*1e3)
              xs.sort();ys.sort();zs.sort(); print(analyzed,path,L,'all %.1f %.1f look %.1f %.1f leads %.1f %.1f'%(xs[12],xs[23],ys[12],ys[23],zs[12],zs[23]))
    assert 0
