using System.Buffers.Binary;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>Code whose guests show what they are given, and which may answer Running: then each end comes later, when
/// the swarm says so.</summary>
/// <param name="manifest">Of the code.</param>
/// <param name="later">Where ends wait that the kernel has not been told; null when guests answer Done.</param>
/// <param name="given">Told the handler, or a number below zero, and the number of the events of each batch, before it
/// runs.</param>
internal sealed class GlassCode(
    IGuestCode code,
    BundleManifest manifest,
    List<(ProcessId Process, GuestResult Result)>? later,
    Action<ProcessId, BundleManifest, int, int> given)
    : IGuestCode
{
    public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault) =>
        code.Instantiate(limits, out fault) is { } guest ? new GlassGuest(guest, manifest, later, given) : null;

    public void Dispose()
    {
    }

    /// <summary>In the place of a handler: the event is of the kernel's own, which looks at a state or makes one.
    /// </summary>
    public const int NotItsOwn = -2;

    /// <summary>In the place of a handler: a birth and nothing else. It is the kernel's own where a swap makes a guest
    /// of the next version, and the process's where it begins.</summary>
    public const int BirthAlone = -3;

    private sealed class GlassGuest(
        IGuest guest,
        BundleManifest manifest,
        List<(ProcessId Process, GuestResult Result)>? later,
        Action<ProcessId, BundleManifest, int, int> given) : IGuest
    {
        private bool _isRunning;
        private ProcessId _process;

        public Span<byte> Memory
        {
            get
            {
                if (_isRunning && later is not null && later.Any(one => one.Process == _process))
                {
                    throw new InvalidOperationException($"{_process} was looked at while it ran");
                }

                _isRunning = false;
                return guest.Memory;
            }
        }

        public int ControlAddress => guest.ControlAddress;

        public StartAnswer Start(GuestCall call)
        {
            if (call.Entry == GuestEntry.Run)
            {
                Show(call);
            }

            var answer = guest.Start(call);
            if (later is null)
            {
                return answer;
            }

            _process = call.Process;
            _isRunning = true;
            later.Add((call.Process, answer.Result));
            return StartAnswer.Later;
        }

        public void Abort() => guest.Abort();

        public GuestState Save() => guest.Save();

        public void Restore(GuestState state) => guest.Restore(state);

        public void Forget(int address, int size) => guest.Forget(address, size);

        public void Dispose() => guest.Dispose();

        private void Show(GuestCall call)
        {
            var control = guest.Memory[guest.ControlAddress..];
            int start = BinaryPrimitives.ReadInt32LittleEndian(control[ControlBlock.EventsBase..]);
            int handler = -1;
            bool isOwn = false;
            bool isBirth = true;
            int count = 0;
            for (int at = start; at < start + call.Argument;)
            {
                var record = guest.Memory[at..];
                at += BinaryPrimitives.ReadInt32LittleEndian(record);
                var kind = (EventKind)BinaryPrimitives.ReadUInt16LittleEndian(record[EventRecord.Kind..]);
                isOwn |= kind is not (EventKind.Save or EventKind.Load or EventKind.Birth);
                isBirth &= kind == EventKind.Birth;
                if (kind == EventKind.Handler)
                {
                    handler = BinaryPrimitives.ReadUInt16LittleEndian(record[EventRecord.Handler..]);
                    count++;
                }
            }

            given(call.Process, manifest, isOwn ? handler : isBirth ? BirthAlone : NotItsOwn, count);
        }
    }
}
