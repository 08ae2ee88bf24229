/* A module of two processes, and one that is born late, swapped while messages come.

   Each branch of the loop is one Step, or what one Step may do, and stands for what it names:
     send     Delivery.Send            a message of the running version's form; it waits with its sender where no room is
     flush    Delivery.Flush           what waited goes on
     start    BatchRunner.Run          a guest takes the first message; it stays in the mailbox until the guest is done
     done     BatchRunner.Complete     the message is taken off; a handler may wait for an answer from now on
     trap     Swaps.Catches            on probation the old version is wanted back, and the message stays
     answer   Hold.UnlessAsked         who waits for an answer goes on though a swap is waiting for it
     ask      Swaps.Request, Begin     a swap is wanted: all are held back
     move     Swaps.TryMove, Move      all are quiet: what each holds is copied
     switch   Swaps.TrySwitch, Switch.Carry   nobody came or changed meanwhile: all become the new version at once, and
                                       mail that waits, in mailboxes and with senders, is converted
     refuse   Swaps.Fire, End          it took too long: all goes on as it was
     birth    Births                   a process of the module is born

   Claims: each message is handled once and in order, by a version that reads its form; the processes are all of one
   version; nobody waits for an answer over a switch; what was done is not undone by a copy that was taken before.
   -DBROKEN_CHECK leaves out to look again at who came or changed before the switch; -DBROKEN_MAIL forgets what waits
   with senders. spin has to refute both. */

#define PROCS 3
#define LATE 2
#define MESSAGES 3
#define SWAPS 2

mtype = { idle, runs, waits };

bool alive[PROCS];
mtype phase[PROCS];
bool held[PROCS];
bool copied[PROCS];
byte copy[PROCS];
byte state[PROCS];      /* how many messages it has handled, as its state says */
byte expected[PROCS];   /* the number of the next message: the claim is about these */
byte sent[PROCS];
bit version[PROCS];
bit asking[PROCS];      /* the version that began to wait */
bit now;                /* the version of the system */
bool isOpen, isMoving, isReturn, onProbation;
byte swaps;
chan mail[PROCS] = [1] of { byte, bit };
chan held_back[PROCS] = [1] of { byte, bit };

#define quiet(x) (!alive[x] || phase[x] == idle)

inline finish()
{
    for (j : 0 .. PROCS - 1) { held[j] = false; copied[j] = false; copy[j] = 0 }
    isOpen = false; isMoving = false; isReturn = false; j = 0
}

inline convert(box)
{
    if
    :: nempty(box) -> box ? number, form; box ! number, now
    :: empty(box)
    fi
}

inline change()
{
    now = 1 - now;
    for (j : 0 .. PROCS - 1) {
        if
        :: alive[j] && copied[j] -> version[j] = now; state[j] = copy[j]
        :: else
        fi;
        convert(mail[j]);
#ifndef BROKEN_MAIL
        convert(held_back[j]);
#endif
    }
    onProbation = !isReturn;
    finish()
}

active proctype Kernel()
{
    byte p, j, number;
    bit form;
    atomic {
        alive[0] = true; alive[1] = true;
        for (j : 0 .. PROCS - 1) { phase[j] = idle }
        j = 0
    }
    do
    :: atomic {
        select(p : 0 .. PROCS - 1);
        if
        :: alive[p] && sent[p] < MESSAGES && empty(held_back[p]) ->                         /* send */
            if
            :: nfull(mail[p]) -> mail[p] ! sent[p], now
            :: full(mail[p]) -> held_back[p] ! sent[p], now
            fi;
            sent[p]++
        :: nempty(held_back[p]) && nfull(mail[p]) ->                                        /* flush */
            held_back[p] ? number, form; mail[p] ! number, form
        :: alive[p] && phase[p] == idle && !held[p] && nempty(mail[p]) ->                   /* start */
            mail[p] ? <number, form>;
            assert(version[p] == now);
            assert(form == version[p]);
            assert(number == expected[p]);
            phase[p] = runs
        :: phase[p] == runs ->                                                              /* done */
            mail[p] ? number, form;
            state[p]++; expected[p]++;
            assert(state[p] == expected[p]);
            if
            :: phase[p] = idle
            :: phase[p] = waits; asking[p] = version[p]
            fi
        :: phase[p] == runs && onProbation && !isOpen ->                                    /* trap */
            phase[p] = idle; onProbation = false; isOpen = true; isReturn = true;
            for (j : 0 .. PROCS - 1) { held[j] = true }
        :: phase[p] == waits ->                                                             /* answer */
            assert(asking[p] == version[p]);
            phase[p] = idle
        :: !isOpen && swaps < SWAPS ->                                                      /* ask */
            swaps++; isOpen = true; onProbation = false;
            for (j : 0 .. PROCS - 1) { held[j] = alive[j] }
        :: isOpen && !isMoving && quiet(0) && quiet(1) && quiet(LATE) -> isMoving = true    /* move */
        :: isMoving && alive[p] && !copied[p] && phase[p] == idle ->
            held[p] = true; copied[p] = true; copy[p] = state[p]
        :: isMoving && copied[0] && copied[1] ->                                            /* switch */
#ifdef BROKEN_CHECK
            change()
#else
            if
            :: !(quiet(0) && quiet(1) && quiet(LATE)) ->
                isMoving = false;
                for (j : 0 .. PROCS - 1) { copied[j] = false; held[j] = alive[j] }
            :: quiet(0) && quiet(1) && quiet(LATE) && alive[LATE] && !copied[LATE] -> held[LATE] = true
            :: else -> change()
            fi
#endif
        :: isOpen && !isMoving -> finish()                                                  /* refuse */
        :: !alive[LATE] -> alive[LATE] = true; version[LATE] = now                          /* birth */
        :: onProbation -> onProbation = false
        :: true -> skip
        fi;
        p = 0; j = 0; number = 0; form = 0
       }
    od
}
