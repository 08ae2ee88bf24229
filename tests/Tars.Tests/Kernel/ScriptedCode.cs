using Tars.Kernel.Ports;

namespace Tars.Tests.Kernel;

/// <summary>Code that makes scripted guests; in running mode each call's end comes later, as an event.</summary>
internal sealed class ScriptedCode(Func<IGuest> make, Queue<(ProcessId, GuestResult)>? later) : IGuestCode
{
    public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault)
    {
        fault = null;
        return later is null ? make() : new RunningGuest(make(), later);
    }

    public void Dispose()
    {
    }

    /// <summary>Answers Running to every call, and lets nobody touch the guest before its end was told.</summary>
    private sealed class RunningGuest(IGuest inner, Queue<(ProcessId, GuestResult)> later) : IGuest
    {
        private bool _isRunning;

        public Span<byte> Memory
        {
            get
            {
                // The kernel opens the view again only after GuestDone, which the rig delivers from this queue.
                Xunit.Assert.False(_isRunning && later.Count != 0 && later.Any(one => one.Item1 == _process));
                _isRunning = false;
                return inner.Memory;
            }
        }

        private ProcessId _process;

        public int ControlAddress => inner.ControlAddress;

        public StartAnswer Start(GuestCall call)
        {
            _isRunning = true;
            _process = call.Process;
            later.Enqueue((call.Process, inner.Start(call).Result));
            return StartAnswer.Later;
        }

        public void Abort() => inner.Abort();

        public void Forget(int address, int size) => inner.Forget(address, size);

        public GuestState Save() => inner.Save();

        public void Restore(GuestState state) => inner.Restore(state);

        public void Dispose() => inner.Dispose();
    }
}
