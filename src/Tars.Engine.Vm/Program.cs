using System.Globalization;
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

        using var jobs = Console.OpenStandardInput();
        using var answers = Console.OpenStandardOutput();
        return CompileWorker.Run(jobs, answers, LlvmCompiler.Compile, memoryBytes);
    }
}
