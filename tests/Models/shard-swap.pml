/* A module that lives on the first of three shards is swapped: the others send to it all the while, by records that are
   written in the form of one version.

   Each branch stands for what it names:
     send     Departures.Post          a record in the form of the version that the sender's shard knows; it waits there
     leave    Departures.LeaveNext     it goes on the link, one at a time: the next when that one was taken
     take     Arrivals.Message         the shard of the module takes it, or holds it where the mailbox has no room
     handle   BatchRunner.Run          the module handles a message, and what was held goes on: its sender hears of it
     pause    Kernel.Apply             no process has a turn; mail is taken, and what has credit leaves
     look     SwapsElsewhere.Apply     from here on nothing leaves
     here     Swaps.Go, Switch.Carry   the module is of the new version, and what waits here is converted
     done     SwapsElsewhere.Apply     the other shards learn of it: what waits with them is converted

   Claims: each record is read by the version in whose form it is written, once and in order, and all are at the end.
   -DBROKEN_LEAVE: what has credit leaves after the look. -DBROKEN_CONVERT: what waits elsewhere is not converted. spin
   has to refute both. That mail is on its way is not looked for in vain: shard-move.pml has that. */

#define SENDERS 2
#define RECORDS 2

mtype = { mail, taken, pause, look, here, done, go };

chan toHome = [8] of { mtype, byte, byte, bit };
chan toSender[SENDERS] = [6] of { mtype };
chan waits[SENDERS] = [RECORDS] of { byte, bit };
chan box = [2] of { byte, byte, bit };
chan held = [SENDERS] of { byte, byte, bit };
chan answered = [0] of { bit };
byte onWay;
byte room = 1;         /* of the mailbox; the new version has more */
bool still[3];
byte handled[SENDERS];

proctype Sender(byte me)
{
    byte number;
    byte sent;
    bit form, version;
    bool paused, stands, credit = true;
end:
    do
    :: atomic { !paused && sent < RECORDS ->                                         /* send */
        sent++;
        waits[me]!sent(version) }
    :: atomic { len(waits[me]) > 0 && credit && !stands ->                            /* leave */
        waits[me]?number(form);
        still[me + 1] = false;
        credit = false;
        onWay++;
        toHome!mail(me, number, form);
        number = 0;
        form = 0 }
    :: atomic { toSender[me]?taken -> still[me + 1] = false; credit = true; onWay-- }
    :: atomic { toSender[me]?pause -> paused = true }
    :: atomic { toSender[me]?look ->                                                 /* look */
#ifndef BROKEN_LEAVE
        stands = true
#else
        skip
#endif
        };
        answered!1
    :: atomic { toSender[me]?done ->                                                 /* done */
        version = 1;
#ifndef BROKEN_CONVERT
        if
        :: len(waits[me]) >= 1 ->
            waits[me]?number(form);
            waits[me]!number(1)
        :: else
        fi;
        number = 0;
        form = 0
#endif
        };
        answered!1
    :: atomic { toSender[me]?go -> paused = false; stands = false; still[me + 1] = false }
    :: atomic { (paused && !still[me + 1] && (len(toSender[me]) == 0) && ((len(waits[me]) == 0) || !credit || stands)) ->
        still[me + 1] = true }
    od
}

inline flush()
{
    if
    :: len(held) > 0 && len(box) < room ->
        held?from(number, form);
        box!from(number, form);
        onWay++;
        toSender[from]!taken
    :: else
    fi
}

proctype Home()
{
    byte from, number;
    bit form, version;
    bool paused;
end:
    do
    :: atomic { !paused && len(box) > 0 ->                               /* handle */
        box?from(number, form);
        assert(form == version && number == handled[from] + 1);
        handled[from] = number;
        flush();
        from = 0; number = 0; form = 0 }
    :: atomic { toHome?mail(from, number, form) ->                                   /* take */
        assert(form == version);
        still[0] = false;
        if
        :: len(box) == 0 && len(held) == 0 ->
            box!from(number, form);
            toSender[from]!taken /* it counts as the record did */
        :: else ->
            held!from(number, form);
            onWay--
        fi;
        from = 0; number = 0; form = 0 }
    :: atomic { toHome?pause(_, _, _) -> paused = true }
    :: atomic { toHome?here(_, _, _) ->                                              /* here */
        version = 1;
        room = 2;
        if
        :: len(box) == 1 ->
            box?from(number, form);
            box!from(number, 1)
        :: else
        fi;
        if
        :: len(held) >= 1 ->
            held?from(number, form);
            held!from(number, 1)
        :: else
        fi;
        if
        :: len(held) == 2 ->
            held?from(number, form);
            held!from(number, 1);
            held?from(number, form);
            held!from(number, 1)
        :: else
        fi;
        flush();
        from = 0; number = 0; form = 0 };
        answered!1
    :: atomic { toHome?go(_, _, _) -> paused = false; still[0] = false }
    :: atomic { paused && !still[0] && len(toHome) == 0 -> still[0] = true }
    od
}

active proctype Run()
{
    byte i;
    atomic { run Home(); run Sender(0); run Sender(1) };
    toHome!pause(0, 0, 0);
    toSender[0]!pause;
    toSender[1]!pause;
    (still[0] && still[1] && still[2] && onWay == 0);
    do
    :: i < SENDERS -> toSender[i]!look; answered?1; i++
    :: else -> break
    od;
    toHome!here(0, 0, 0);
    answered?1;
    i = 0;
    do
    :: i < SENDERS -> toSender[i]!done; answered?1; i++
    :: else -> break
    od;
    toHome!go(0, 0, 0);
    toSender[0]!go;
    toSender[1]!go;
    do
    :: timeout ->
        assert(handled[0] == RECORDS && handled[1] == RECORDS);
        break
    od
}
