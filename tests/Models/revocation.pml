/* Capabilities that are narrowed, handed on in messages, revoked and used, by three processes of one kernel.

   Each branch of the loop is one Step and stands for what it names:
     narrow   Derivations.Narrow          a new node below the one that the slot stands for, unless that has ended
     hand     SlotTranslation.ToIds       what is in the message is looked up when it is sent, and is then on its way
     take     SlotTranslation.ToSlots     the receiver's table refers to the node, whatever became of it meanwhile
     revoke   Derivations.Revoke          a mark on all of the subtree; only by who narrowed it
     use      CapTable.Find               what has no mark may be used
     lose     Derivations.EndOf           all that a lost process narrowed ends with it, and its mail is dropped

   Claim: what is used was not revoked, nor was anything that it was narrowed from, though the kernel looks at the mark
   alone. -DBROKEN marks only what was narrowed from it directly: spin has to find who uses a grandchild. */

#define PROCS 3
#define NODES 4
#define NONE 255

byte parent[NODES];
byte by[NODES];
bool mark[NODES];      /* what the kernel looks at */
bool revoked[NODES];   /* who was named in a revocation: the claim is about these */
byte made = 1;         /* node 0 is the first derivation, of process 0 */
bool holds[PROCS * NODES];
chan mail[PROCS] = [1] of { byte };

inline end(top)
{
    /* Parents come before what was narrowed from them, so one pass marks the whole subtree. */
    revoked[top] = true;
    mark[top] = true;
    i = top + 1;
    do
    :: i < made ->
        if
#ifdef BROKEN
        :: parent[i] == top -> mark[i] = true
#else
        :: parent[i] != NONE && mark[parent[i]] -> mark[i] = true
#endif
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

inline check(node)
{
    i = node;
    do
    :: i != NONE -> assert(!revoked[i]); i = parent[i]
    :: else -> break
    od;
    i = 0
}

active proctype Kernel()
{
    byte p, q, n, i, steps;
    atomic { parent[0] = NONE; by[0] = 0; holds[0] = true }
    do
    :: steps < 9 ->
        atomic {
            steps++;
            select(p : 0 .. PROCS - 1);
            select(n : 0 .. NODES - 1);
            if
            :: holds[p * NODES + n] && !mark[n] && made < NODES ->              /* narrow */
                parent[made] = n; by[made] = p; holds[p * NODES + made] = true; made++
            :: holds[p * NODES + n] && !mark[n] ->                              /* hand */
                select(q : 0 .. PROCS - 1);
                if
                :: nfull(mail[q]) -> mail[q] ! n
                :: full(mail[q])
                fi
            :: nempty(mail[p]) -> mail[p] ? q; holds[p * NODES + q] = true; q = 0    /* take */
            :: holds[p * NODES + n] && !mark[n] && by[n] == p -> end(n)         /* revoke */
            :: holds[p * NODES + n] && !mark[n] -> check(n)                     /* use */
            :: n == 0 ->                                                        /* lose */
                q = 0;
                do
                :: q < NODES ->
                    holds[p * NODES + q] = false;
                    if
                    :: q < made && by[q] == p && !mark[q] -> end(q)
                    :: else
                    fi;
                    q++
                :: else -> break
                od;
                q = 0;
                if
                :: nempty(mail[p]) -> mail[p] ? _
                :: empty(mail[p])
                fi
            :: true -> skip
            fi;
            n = 0; q = 0; p = 0
        }
    :: else -> break
    od
}
