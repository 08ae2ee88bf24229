using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Objects;

namespace Tars.Engine.Vm;

/// <summary>The child process in which code is compiled; nobody else starts it.</summary>
internal static class Program
{
    private static int Main(string[] words)
    {
        if (words is not ["compile", var memory]
            || !long.TryParse(memory, NumberStyles.None, CultureInfo.InvariantCulture, out long memoryBytes))
        {
            Console.Error.WriteLine(
                "This is a part of tarscli, which starts it to compile modules for --engine microvm.");
            return 2;
        }

        // The console's own streams would look for files at the first write, when none can be opened any more.
        using var jobs = Pipe(descriptor: 0, FileAccess.Read);
        using var answers = Pipe(descriptor: 1, FileAccess.Write);
        return CompileWorker.Run(jobs, answers, LlvmCompiler.Compile, memoryBytes);
    }

    private static FileStream Pipe(int descriptor, FileAccess access) =>
        new(new SafeFileHandle(descriptor, ownsHandle: false), access, bufferSize: 0);
}
