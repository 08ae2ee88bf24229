using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Caps;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Swapping;

/// <summary>The way of one process from its guest into a guest of the new version.</summary>
/// <remarks>
/// Until the switch it changes nothing.
/// Save in the old guest; then in the new one Birth, Beliefs, Load and `migrate`. Each is an event of the kernel's own,
/// so it is the same way for engines that answer Done and for those that answer Running.
/// </remarks>
internal sealed class Transfer
{
    private const string TooManyCapabilities = "it holds too many capabilities";
    private const string TooLarge = "its state would be larger than any memory";

    private readonly KernelState _state;
    private bool _isTooLarge;
    private readonly AgentMove _move;
    private readonly byte[] _params;
    private readonly List<ByteWriter> _buffers = [];
    private OldState? _old;
    private byte[] _newborn = [];
    private int[] _newbornStarts = [];

    /// <param name="target">The agent in the new system.</param>
    /// <param name="slots">The static capabilities of the new version, in order of their places.</param>
    /// <param name="values">The parameters of the new version, encoded.</param>
    public Transfer(
        KernelState state,
        Process process,
        AgentMove move,
        AgentImage target,
        IEnumerable<Capability> slots,
        byte[] values)
    {
        _state = state;
        _move = move;
        _params = values;
        Process = process;
        Target = target;
        Caps = new CapTable(state.Derivations, state.Blobs);
        foreach (var capability in slots)
        {
            Caps.Grant(capability);
        }

        Caps.Inherit(process.Caps);
        Self = Caps.Grant(new Capability.OfProcess(process.Id)) ?? default;
        Evidence = Effects.Evidence.Carry(process, target);
        Strengths = Effects.Evidence.StrengthsOf(target, Evidence);
    }

    public Process Process { get; }

    public AgentMove Move => _move;

    public AgentImage Target { get; }

    /// <summary>The guest of the new version, until the switch makes it the process's own.</summary>
    public IGuest? Guest { get; private set; }

    public CapTable Caps { get; }

    public CapSlot Self { get; }

    public double[] Evidence { get; }

    public double[] Strengths { get; }

    /// <summary>What the spawner gave, as the new version has it, with the kernel's ids.</summary>
    public byte[] Given { get; private set; } = [];

    /// <summary>Of `migrate`: its effects, which are entries of the log.</summary>
    public byte[] Logged { get; private set; } = [];

    public bool IsDone { get; private set; }

    /// <summary>Why the process cannot move; null while nothing speaks against it.</summary>
    public string? Failure { get; private set; }

    /// <summary>True once nobody wants the transfer any more; its guest goes when it is idle.</summary>
    public bool IsCancelled { get; private set; }

    public void Begin() => _state.Lone.Begin(
        Process,
        new LoneEvent(Process.Guest!, EventKind.Save, AfterSave) // It is quiet, so it has a guest.
        {
            Saved = _state.Buffers.Rent(),
            MayStay = OldState.MayStay(_move),
        });

    /// <summary>Throws the new guest away, now or when it comes back from its call.</summary>
    public void Cancel()
    {
        IsCancelled = true;
        Caps.LetGo();
        if (Process.Alone is null || Process.Alone.Guest != Guest)
        {
            Guest?.Dispose();
            Guest = null;
        }
    }

    private bool Goes(LoneEvent happened, string what)
    {
        if (IsCancelled || Process.IsEnded || Process.Fate != Fate.None)
        {
            // A process that ends meanwhile holds nobody up.
            Cancel();
            End();
        }
        else if (happened.Failure is { } failure)
        {
            var module = happened.Guest == Guest ? Target.Module : Process.Agent.Module;
            var site = module.Debug.Find(happened.Site);
            string line = site is { Start.Line: > 0 and var at } ? $" (line {at})" : "";
            Fail($"{what}: {failure}{line}");
        }

        return !IsDone;
    }

    // Nothing looks at the old state any more.
    private void End()
    {
        IsDone = true;
        _old = null;
        foreach (var buffer in _buffers)
        {
            _state.Buffers.Return(buffer);
        }

        _buffers.Clear();
    }

    private void Fail(string why)
    {
        Failure = $"{Process.Agent.Name} {Process.Id}: {why}";
        End();
        Cancel();
    }

    private void AfterSave(Process process, LoneEvent save)
    {
        if (!Goes(save, "its state cannot be saved"))
        {
            return;
        }

        _old = OldState.Of(process, _move, save);
        _buffers.Add(save.Saved);
        if (_old is null)
        {
            Fail("what it saves is not a state of its agent");
            return;
        }

        Guest = Target.Module.Code.Instantiate(Target.GuestLimits, out var fault);
        if (Guest is null)
        {
            Fail($"the new version cannot be instantiated: {fault?.Why}");
            return;
        }

        if (!GuestView.TryOpen(Guest, out var view))
        {
            Fail("the new version does not follow ABI v1");
            return;
        }

        if (!view.KeepsUndoLog && Limits.SnapshotBytesMax < view.Memory.Length)
        {
            Fail("the new version keeps no undo log and its memory is too large to copy");
            return;
        }

        if (Birth() is { } birth)
        {
            Send(EventKind.Birth, 0, birth, AfterBirth);
        }
        else
        {
            Fail(_isTooLarge ? TooLarge : TooManyCapabilities);
        }
    }

    // Null when the table is full.
    private byte[]? Birth()
    {
        var payload = new ByteWriter();
        payload.U32((uint)Target.AgentIndex);
        payload.U64(Process.Seed);
        payload.I64(Self.Encoded);
        payload.Bytes(_params);
        var given = new ByteWriter();
        for (int place = 0; place < _move.Fields.Length; place++)
        {
            if (!_move.New.State[place].HasDefault)
            {
                Append(place, given);
            }
        }

        if (_isTooLarge)
        {
            return null;
        }

        Given = given.ToArray();
        if (!Target.GivenHoldsSlots)
        {
            payload.Bytes(Given);
        }
        else if (!StateTranslation.TryToSlots(Target.Given, Given, Caps, payload))
        {
            return null;
        }

        return payload.ToArray();
    }

    private void AfterBirth(Process process, LoneEvent birth)
    {
        if (!Goes(birth, "the new version cannot be born"))
        {
            return;
        }

        if (Target.Beliefs is null)
        {
            AfterBeliefs(process, birth);
            return;
        }

        byte[] strengths = new byte[8 * Strengths.Length];
        for (int index = 0; index < Strengths.Length; index++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(strengths.AsSpan(8 * index), Strengths[index]);
        }

        Send(EventKind.Beliefs, 0, strengths, AfterBeliefs);
    }

    private void AfterBeliefs(Process process, LoneEvent beliefs)
    {
        if (!Goes(beliefs, "the new version does not take its beliefs"))
        {
            return;
        }

        if (_move.NeedsNewborn)
        {
            Send(EventKind.Save, 0, default, AfterNewborn);
        }
        else
        {
            Load();
        }
    }

    private void AfterNewborn(Process process, LoneEvent save)
    {
        if (!Goes(save, "the new version's initial state cannot be saved"))
        {
            return;
        }

        if (Saving.Read(process.Id, _move.New, Caps, save.Saved.WrittenMemory) is not { } newborn)
        {
            Fail("what the new version saves is not a state of its agent");
            return;
        }

        _newborn = newborn.Fields.ToArray();
        _newbornStarts = newborn.Starts;
        Load();
    }

    private void Load()
    {
        if (!Target.StateHoldsSlots && SizeWhereKnown() is { } known)
        {
            Load(known, Write);
            return;
        }

        var ids = Rent();
        ids.Bytes(_old!.Head); // It was saved first of all.
        for (int place = 0; place < _move.Fields.Length; place++)
        {
            Append(place, ids);
        }

        if (_isTooLarge)
        {
            Fail(TooLarge);
            return;
        }

        if (!Target.StateHoldsSlots)
        {
            Load(ids.Length, to => ids.Written.CopyTo(to));
            return;
        }

        var slots = Rent();
        slots.Bytes(ids.Written[..SavedHead.Size]);
        if (!StateTranslation.TryToSlots(Target.State, ids.Written[SavedHead.Size..], Caps, slots))
        {
            Fail(TooManyCapabilities);
            return;
        }

        Load(slots.Length, to => slots.Written.CopyTo(to));
    }

    // The number of the handler says that the invariants are not yet to be looked at: `migrate` comes.
    private void Load(int size, PayloadWriter write) =>
        Send(EventKind.Load, _move.Migrate < 0 ? 0 : 1, size, write, AfterLoad);

    // How large the new state becomes, where that is known before it is made: then it is made where it is read.
    private int? SizeWhereKnown()
    {
        long? size = SavedHead.Size;
        for (int place = 0; place < _move.Fields.Length; place++)
        {
            size += SizeOf(place);
        }

        return size <= Limits.ConvertedBytesMax ? (int)size.Value : null;
    }

    private long? SizeOf(int place) => _move.Fields[place] switch
    {
        FieldSource.Old old => PlainRows.SizeOf(old.How, _old!.FieldAt(old.Index)), // It was saved first of all.
        FieldSource.Initial initial => initial.Octets.Length,
        FieldSource.Newborn => _newbornStarts[place + 1] - _newbornStarts[place],
        _ => null,
    };

    private void Write(Span<byte> to)
    {
        var old = _old!; // It was saved first of all.
        old.Head.CopyTo(to);
        to = to[SavedHead.Size..];
        for (int place = 0; place < _move.Fields.Length; place++)
        {
            int size = (int)SizeOf(place)!.Value; // The size of all is known.
            switch (_move.Fields[place])
            {
                case FieldSource.Old moved:
                    PlainRows.Write(moved.How, old.FieldAt(moved.Index), to[..size]);
                    break;
                case FieldSource.Initial initial:
                    initial.Octets.AsSpan().CopyTo(to);
                    break;
                default:
                    _newborn.AsSpan(_newbornStarts[place], size).CopyTo(to);
                    break;
            }

            to = to[size..];
        }
    }

    private ByteWriter Rent()
    {
        var buffer = _state.Buffers.Rent();
        _buffers.Add(buffer);
        return buffer;
    }

    // One new state field, with the kernel's ids.
    private void Append(int place, ByteWriter to)
    {
        switch (_move.Fields[place])
        {
            case FieldSource.Old old:
                _isTooLarge |= !Converter.Run(old.How, _old!.FieldAt(old.Index), to); // It was saved first of all.
                break;
            case FieldSource.Initial initial:
                to.Bytes(initial.Octets.AsSpan());
                break;
            case FieldSource.Newborn:
                to.Bytes(_newborn.AsSpan(_newbornStarts[place].._newbornStarts[place + 1]));
                break;
            case FieldSource.Least:
                TypeComparison.WriteLeast(_move.New.State[place].Type, to);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void AfterLoad(Process process, LoneEvent load)
    {
        if (!Goes(load, "the new version does not take the state"))
        {
            return;
        }

        if (_move.Migrate < 0)
        {
            End();
            return;
        }

        var ids = new ByteWriter();
        foreach (var argument in _move.Arguments)
        {
            _isTooLarge |= !Converter.Run(argument.How, _old!.FieldAt(argument.Index), ids); // Saved first of all.
        }

        if (_isTooLarge)
        {
            Fail(TooLarge);
            return;
        }

        var slots = new ByteWriter(ids.Length);
        if (!StateTranslation.TryToSlots(Target.Handlers[_move.Migrate].Payload, ids.Written, Caps, slots))
        {
            Fail(TooManyCapabilities);
            return;
        }

        Send(EventKind.Handler, _move.Migrate, slots.ToArray(), AfterMigrate);
    }

    private void AfterMigrate(Process process, LoneEvent migrate)
    {
        string name = KernelReports.NameOf(_move.New.Handlers[_move.Migrate]);
        if (!Goes(migrate, $"`{name}` trapped"))
        {
            return;
        }

        Logged = migrate.Effects;
        if (_move.MigrateGives)
        {
            Send(EventKind.Save, 0, default, AfterGiving);
        }
        else
        {
            End();
        }
    }

    private void AfterGiving(Process process, LoneEvent save)
    {
        if (!Goes(save, "the new version's state cannot be saved"))
        {
            return;
        }

        if (Saving.Read(process.Id, _move.New, Caps, save.Saved.WrittenMemory) is not { } given)
        {
            Fail("what the new version saves is not a state of its agent");
            return;
        }

        var fields = new ByteWriter();
        for (int place = 0; place < _move.New.State.Length; place++)
        {
            if (!_move.New.State[place].HasDefault)
            {
                fields.Bytes(given.FieldAt(place).Span);
            }
        }

        Given = fields.ToArray();
        End();
    }

    private void Send(EventKind kind, int handler, ReadOnlyMemory<byte> payload, Action<Process, LoneEvent> then) =>
        Send(kind, handler, payload.Length, to => payload.Span.CopyTo(to), then);

    private void Send(
        EventKind kind, int handler, int size, PayloadWriter write, Action<Process, LoneEvent> then)
    {
        var happened = new LoneEvent(Guest!, kind, then) // The guest is there from the first of these events on.
        {
            Handler = handler,
            Instant = _state.Now.Instant,
            FuelMax = Math.Max(Limits.FuelDefault, Target.FuelMax),
            PayloadSize = size,
            WritePayload = write,
        };
        _state.Lone.Begin(Process, happened);
    }
}
