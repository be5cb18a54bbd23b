"""Questions whose answers would settle faces.

questions  what can be asked, and by which id     album     the faces to look at
pairs      probable merges                        doubts    doubtful faces
outliers   outliers that resemble someone         pictures  the same person twice
listing    all of them, ranked                    answers   what an answer changes
desk       the calls
"""
