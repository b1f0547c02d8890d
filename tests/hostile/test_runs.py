from small_world import brought_into_step
def test_small(pair):
    r=pair.sync()
    print(r)
    with pair.opened() as st: print(st.inbox.list(), st.conflicts.list())
    from crm_picture import picture
    print(picture(pair).differences(), picture(pair).strangers)
    brought_into_step(pair)
