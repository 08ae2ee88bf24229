using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Emitting;

/// <summary>The exports of a bundle: the loop over a batch of events, and what each kind of event does.</summary>
internal sealed partial class Emitter
{
    private const int ProcessAgent = 0;
    private const int ProcessSelf = 8;
    private const int ProcessSize = 16;

    private static Term Control => MemoryMap.Control;

    private static Term Event => Term.I32(MemoryMap.Event).Load32();

    private Output Output => new(Module);

    private Undo Undo => new(Module);

    private Heap Heap => new(Module);

    /// <summary>
    /// tars_reserve: makes the event ring hold so many bytes. It runs between events, so nothing is saved.
    /// </summary>
    private Routine Reserve => Module.Routine(GuestExports.Reserve, [ValType.I32], [], body =>
    {
        var size = body.I32((body.Parameters[0] + 7) & ~7);
        body.If(size.AtMost(Control.Load32(ControlBlock.EventsSize)), () => body.Return());
        body.TrapIf(size.Above(Limits.BlockBytesMax), GuestTrap.OutOfMemory);
        body.Store32(Control, Heap.Extend.Call(size), ControlBlock.EventsBase);
        body.Store32(Control, size, ControlBlock.EventsSize);
    });

    private Routine WriteDispatcher(bool includeTests)
    {
        var handle = HandleEvent(includeTests);
        return Module.Routine(GuestExports.Run, [ValType.I32], [], body =>
        {
            var at = body.I32(Control.Load32(ControlBlock.EventsBase));
            var end = body.I32(at + body.Parameters[0]);
            body.If(at.Is(end), () => body.Return());
            if (HasBlobs)
            {
                Blobs.Begin(body);
            }

            body.Loop(again =>
            {
                ClearTransient(body, at);
                body.If(!handle.Call(at.Load16(EventRecord.Kind)), () => body.Return());
                if (HasBlobs)
                {
                    Blobs.End(body);
                }

                // No region of fuel begins between the commit and the next event or the return, so a committed event
                // is never out of fuel.
                Commit(body);
                body.Set(at, at + at.Load32(EventRecord.Size));
                body.BreakIf(again, at.Below(end) & !Term.I32(MemoryMap.EndBatch).Load32());
            });
        });
    }

    private static void ClearTransient(Body body, Variable record)
    {
        body.Store64(MemoryMap.Stamp, Heap.Stamp + 0x100L);
        body.Store32(MemoryMap.Event, record);
        body.Store32(MemoryMap.StackTop, MemoryMap.Stack);
        body.Store32(MemoryMap.UndoAt, 0);
        body.Store32(MemoryMap.UndoEnd, 0);
        body.Store32(MemoryMap.UndoChunks, 0);
        body.Store32(Control, 0, ControlBlock.UndoHead);
        body.Store32(Control, 0, ControlBlock.Site);
        body.Store32(MemoryMap.EndBatch, 0);
        body.Store64(MemoryMap.NextSlot, record.Load64(EventRecord.NextSlot));
        Output.UseScratch(body);
    }

    // Both counters advance by one store, which is the commit; the log is forgotten after it.
    private static void Commit(Body body)
    {
        var used = Control.Load32(ControlBlock.EffectsUsed).ExtendUnsigned();
        var events = (Control.Load32(ControlBlock.EventsCommitted) + 1).ExtendUnsigned();
        body.Store64(Control, used | (events << 32L), ControlBlock.EffectsCommitted);
        body.Store32(Control, 0, ControlBlock.UndoHead);
    }

    /// <summary>(kind) → 1 when the event is to be committed.</summary>
    private Routine HandleEvent(bool includeTests) => Module.Routine("event", [ValType.I32], [ValType.I32], body =>
    {
        List<Action> kinds =
        [
            () => body.Call(Birth),
            () => body.Call(Params),
            () => body.Call(Strengths),
            () => HandleBy(body),
            () => body.Call(Answer),
            () =>
            {
                body.Call(Save);
                body.Return(0);
            },
            () => body.Call(Load),
            () => WriteTest(body, includeTests),
        ];
        if (HasBlobs)
        {
            kinds.Add(() => body.Call(Blobs.Show));
        }

        Switch(body, body.Parameters[0], kinds, GuestTrap.MalformedEvent);
        body.Push(1);
    });

    /// <summary>Runs the case with that number, or traps when there is none.</summary>
    private static void Switch(Body body, Term number, IReadOnlyList<Action> cases, GuestTrap otherwise)
    {
        body.Block(end =>
        {
            body.Block(_ => Cases(cases.Count - 1, end));
            body.Trap(otherwise);
        });

        void Cases(int place, Label end)
        {
            if (place < 0)
            {
                body.Push(number);
                body.Code.BrTable([.. Enumerable.Range(0, cases.Count)], cases.Count);
                return;
            }

            body.Block(_ => Cases(place - 1, end));
            cases[place]();
            body.Break(end);
        }
    }

    private Term AgentIndex => RootAt(_process).Load32(ProcessAgent);

    private static Term Payload => Event + EventRecord.Payload;

    /// <summary>Prepares to decode the payload: answers where it begins and notes where it ends.</summary>
    private static Variable BeginPayload(Body body)
    {
        var at = body.I32(Payload);
        body.Store32(MemoryMap.InEnd, at + Event.Load32(EventRecord.PayloadSize));
        return at;
    }

    private static void EndPayload(Body body, Variable at) =>
        body.TrapIf(at.IsNot(Term.I32(MemoryMap.InEnd).Load32()), GuestTrap.MalformedEvent);

    private Routine Birth => Module.Routine("event.birth", [], [], body =>
    {
        var at = BeginPayload(body);
        body.TrapIf((Term.I32(MemoryMap.InEnd).Load32() - at).Below(20), GuestTrap.MalformedEvent);
        Undo.TouchRoot(body, _process);
        body.Store32(RootAt(_process), at.Load32(), ProcessAgent);
        Randoms.Seed(body, at.Load64(4));
        body.Store64(RootAt(_process), at.Load64(12), ProcessSelf);
        body.Set(at, at + 20);
        DecodeParams(body, at);
        // A module without agents is born to run its tests.
        if (!_symbol.Agents.IsEmpty)
        {
            Undo.TouchRoot(body, _state);
            Switch(body, AgentIndex, [.. _symbol.Agents.Select(agent => (Action)(() => BirthOf(body, agent, at)))],
                GuestTrap.MalformedEvent);
        }

        EndPayload(body, at);
    });

    private void BirthOf(Body body, AgentSymbol agent, Variable at)
    {
        foreach (var field in agent.State)
        {
            var layout = Layouts.Of(field.Type);
            if (field.Initial is null)
            {
                body.Set(at, Wire.Decode(layout, borrow: false).Call(StateAt(field), at));
            }
        }

        foreach (var field in agent.State.Where(one => one.Initial is not null))
        {
            if (field.Folded is { } literal && ConstantData.TryPlace(field, literal) is { } place)
            {
                Values.CopyPart(body, Layouts.Of(field.Type), StateAt(field), place);
                continue;
            }

            body.Call(Module.RoutineOf(field, $"{agent.Name}.{field.Name}", [], [], inner =>
            {
                var place = inner.I32(StateAt(field));
                new CodeEmitter(this, inner, _symbol.Name, agent, Layouts.Of(new LangType.Unit())).WriteInto(
                    field.Initial!, new Home.Memory(place, 0));
            }));
        }

        if (!agent.Invariants.IsEmpty)
        {
            body.Call(InvariantsOf(agent));
        }
    }

    private void DecodeParams(Body body, Variable at)
    {
        Undo.TouchRoot(body, _params);
        foreach (var param in _symbol.Params)
        {
            var layout = Layouts.Of(param.Type);
            var place = ParamAt(param)!;
            Values.DropAt(body, layout, place);
            body.Set(at, Wire.Decode(layout, borrow: false).Call(place, at));
        }
    }

    private Routine Params => Module.Routine("event.params", [], [], body =>
    {
        var at = BeginPayload(body);
        DecodeParams(body, at);
        EndPayload(body, at);
    });

    private Routine Strengths => Module.Routine("event.beliefs", [], [], body =>
    {
        var at = BeginPayload(body);
        Undo.TouchRoot(body, _strengths);
        for (int belief = 0; belief < _strengths.Size / 8; belief++)
        {
            body.Set(at, Wire.Decode(Layouts.Of(new LangType.Float()), borrow: false).Call(StrengthAt(belief), at));
        }

        EndPayload(body, at);
    });

    /// <summary>The saved state: the generator, the pending wait with what it keeps, then the state fields.</summary>
    private Routine Save => Module.Routine("event.save", [], [], body =>
    {
        body.Copy(Output.Room.Call(32), RootAt(_random), 32);
        SavePending(body);
        if (!_symbol.Agents.IsEmpty)
        {
            Switch(body, AgentIndex, [.. _symbol.Agents.Select(agent => (Action)(() => SaveOf(body, agent)))],
                GuestTrap.MalformedEvent);
        }

        var start = Term.I32(MemoryMap.OutBase).Load32();
        body.Store32(Control, start, ControlBlock.SavedBase);
        body.Store32(Control, Term.I32(MemoryMap.OutAt).Load32() - start, ControlBlock.SavedSize);
    });

    private void SaveOf(Body body, AgentSymbol agent)
    {
        foreach (var field in agent.State)
        {
            Wire.EncodeAt(body, Layouts.Of(field.Type), StateAt(field));
        }
    }

    private Routine Load => Module.Routine("event.load", [], [], body =>
    {
        var at = BeginPayload(body);
        body.TrapIf((Term.I32(MemoryMap.InEnd).Load32() - at).Below(36), GuestTrap.MalformedEvent);
        Undo.TouchRoot(body, _random);
        body.Copy(RootAt(_random), at, 32);
        body.Set(at, at + 32);
        LoadPending(body, at);
        if (!_symbol.Agents.IsEmpty)
        {
            Undo.TouchRoot(body, _state);
            Switch(body, AgentIndex, [.. _symbol.Agents.Select(agent => (Action)(() => LoadOf(body, agent, at)))],
                GuestTrap.MalformedEvent);
        }

        EndPayload(body, at);
        CheckLoaded(body);
    });

    // A state that another version saved may break what this one promises. Before `migrate` that is no news.
    private void CheckLoaded(Body body)
    {
        if (_symbol.Agents.All(agent => agent.Invariants.IsEmpty))
        {
            return;
        }

        body.If(!Event.Load16(EventRecord.Handler), () => Switch(
            body,
            AgentIndex,
            [
                .. _symbol.Agents.Select(agent => (Action)(() =>
                {
                    if (!agent.Invariants.IsEmpty)
                    {
                        body.Call(InvariantsOf(agent));
                    }
                })),
            ],
            GuestTrap.MalformedEvent));
    }

    private void LoadOf(Body body, AgentSymbol agent, Variable at)
    {
        foreach (var field in agent.State)
        {
            var layout = Layouts.Of(field.Type);
            Values.DropAt(body, layout, StateAt(field));
            body.Set(at, Wire.Decode(layout, borrow: false).Call(StateAt(field), at));
        }
    }

    private void WriteTest(Body body, bool includeTests)
    {
        if (!includeTests || _symbol.Tests.IsEmpty)
        {
            body.Trap(GuestTrap.MalformedEvent);
            return;
        }

        var cases = new List<Action>();
        for (int place = 0; place < _symbol.Tests.Length; place++)
        {
            var test = _symbol.Tests[place];
            string name = $"test.{place}.{test.Name}";
            cases.Add(() => body.Call(
                Code(test, name, _symbol.Name, agent: null, [], new LangType.Unit(), () => test.Body)));
        }

        Switch(body, Event.Load16(EventRecord.Handler), cases, GuestTrap.MalformedEvent);
    }
}
