/* A module goes from one shard to another while all stand still, and on to a third at once: three shards with a thread
   each, and the thread of the run. Each shard sends to the one process of the module, wherever that lives, the first of
   them two messages; and that one sends one, of which it has to hear that it was taken.

   Each branch stands for what it names:
     send     Departures.Leave         mail for the shard that the table names; it counts before it leaves
     tell     Departures.Leave         the same of the process itself, to another shard
     take     ShardWorker.Handle       what came is taken; before that the worker no longer says that it stands still
     rest     ShardWorker.Wait         nothing is there: a worker that is told to stand says for which time it does
     still    Standstill.IsComplete    the run looks at the count, then at each worker, then at the count again
     move     ModuleMove.Run           packed where it lives, taken where it goes, told to all others; each answers

   Claims: a message is taken by the process, at its home, once and in its sender's order; what is taken of its own it
   hears at its home; and all are taken at the end.
   -DBROKEN_TIME: a worker says that it stands and not for which time, so the run believes what was said before.
   -DBROKEN_MAIL: the run does not look whether mail is on its way.
   -DBROKEN_TABLE: the others go on before they have learnt where the module lives now. */

#define SHARDS 3
#define SENT(shard) (shard == 0 -> 2 : 1)

mtype = { mail, told, taken, pause, go, out, in };

chan queue[SHARDS] = [8] of { mtype, byte, byte };
chan answered = [0] of { bit };
byte onWay;
byte still[SHARDS];    /* for which time it stands; zero when it does not */
byte time;
byte home;             /* where the process is */
byte got[SHARDS];
byte sent[SHARDS];
byte tells;            /* of the process, on their way or over */
byte credits;          /* of those it has heard of */

proctype Worker(byte me)
{
    byte a, b, where, pauses;
    bool paused;
end:
    do
    :: atomic { !paused && sent[me] < SENT(me) && len(queue[where]) < 6 ->
        sent[me]++;
        onWay++;
        queue[where]!mail(me, sent[me]) }
    :: atomic { !paused && home == me && tells == 0 ->
        tells++;
        onWay++;
        queue[(me + 1) % SHARDS]!told(0, 0) }
    :: atomic { nempty(queue[me]) -> still[me] = 0 };
        if
        :: atomic { queue[me]?mail(a, b) ->
            assert(home == me && b == got[a] + 1);
            got[a] = b };
            onWay--
        :: atomic { queue[me]?told(_, _) ->
            onWay++;
            queue[where]!taken(0, 0) };
            onWay--
        :: atomic { queue[me]?taken(_, _) ->
            assert(home == me);
            credits++ };
            onWay--
        :: atomic { queue[me]?pause(_, _) -> paused = true; pauses++ }
        :: atomic { queue[me]?go(_, _) -> paused = false }
        :: queue[me]?out(_, _) -> answered!1
        :: atomic { queue[me]?in(a, _) ->
            where = a;
            if
            :: a == me -> home = me
            :: else
            fi;
            a = 0 };
            answered!1
        fi;
        d_step { a = 0; b = 0 }
    :: atomic { empty(queue[me]) && paused && still[me] == 0 ->
#ifdef BROKEN_TIME
        still[me] = 1
#else
        still[me] = pauses
#endif
        }
    od
}

inline all(what, value)
{
    i = 0;
    do
    :: i < SHARDS -> queue[i]!what(value, 0); i++
    :: else -> break
    od;
    i = 0
}

inline stand()
{
    i = 0;
    do
    :: i < SHARDS ->
#ifdef BROKEN_TIME
        still[i] == 1;
#else
        still[i] == time;
#endif
        i++
    :: else -> break
    od;
    i = 0
}

inline move(from, to)
{
    time++;
    all(pause, 0);
    stand();
#ifndef BROKEN_MAIL
    do
    :: onWay == 0 ->
        stand();
        if
        :: onWay == 0 -> break
        :: else
        fi
    od;
#endif
    queue[from]!out(0, 0);
    answered?1;
    queue[to]!in(to, 0);
    answered?1;
#ifdef BROKEN_TABLE
    all(go, 0);
#endif
    do
    :: i < SHARDS ->
        if
        :: i != to -> queue[i]!in(to, 0); answered?1
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0;
#ifndef BROKEN_TABLE
    all(go, 0)
#endif
}

active proctype Run()
{
    byte i;
    atomic { run Worker(0); run Worker(1); run Worker(2) };
    move(0, 1);
    move(1, 2);
    do
    :: timeout ->
        assert(got[0] == SENT(0) && got[1] == SENT(1) && got[2] == SENT(2) && credits == 1);
        break
    od
}
