using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Objects.Linux;

/// <summary>Ends this process when the other end of its standard input is closed, whatever it is doing.</summary>
/// <remarks>A run that was killed tells nobody; without this its child would compile on for a minute.</remarks>
internal static partial class ParentWatch
{
    private const short HangUp = 0x10;
    private const int Forever = -1;
    private const int Orphaned = 3;

    public static void Begin() => new Thread(Watch) { IsBackground = true, Name = "parent watch" }.Start();

    // The system tells of a hang-up whether one asks or not, and of nothing else that is not asked for.
    private static void Watch()
    {
        var input = default(PollFile);
        while (poll(ref input, 1, Forever) < 0 || (input.Came & HangUp) == 0)
        {
            // A signal of the runtime, which stops its threads so.
        }

        _exit(Orphaned);
    }

    // SAFETY: one structure, which the call writes to and does not keep.
    [LibraryImport("libc")]
    private static partial int poll(ref PollFile files, nuint count, int timeout);

    // SAFETY: a number; it does not return.
    [LibraryImport("libc")]
    private static partial void _exit(int status);

    // struct pollfd: descriptor 0, standard input.
    [StructLayout(LayoutKind.Sequential)]
    private struct PollFile
    {
        public int File;
        public short Wanted;
        public short Came;
    }
}
