using System.Globalization;

namespace Tars.Sim.Soak;

/// <summary>What a process of the system holds at one moment, as the system sees it.</summary>
internal readonly record struct SoakSample(
    double Seconds,
    double Memory,
    double Descriptors,
    double Mappings,
    double Disk,
    double Managed,
    double Collections)
{
    private const double PageBytes = 4096;
    private const double Mebi = 1 << 20;

    /// <param name="folder">Of the run; the files of its journal count.</param>
    public static SoakSample Of(int process, string folder, double seconds)
    {
        string heap = Path.Combine(folder, SoakRun.HeapFile);
        string[] managed = File.Exists(heap) ? File.ReadAllText(heap).Split(' ') : ["0", "0"];
        string root = $"/proc/{process}";
        string resident = File.ReadAllText($"{root}/statm").Split(' ')[1];
        return new SoakSample(
            seconds,
            long.Parse(resident, CultureInfo.InvariantCulture) * PageBytes / Mebi,
            Directory.GetFiles($"{root}/fd").Length,
            File.ReadLines($"{root}/maps").Count(),
            SizeOf(Path.Combine(folder, "kept")) / Mebi,
            double.Parse(managed[0], CultureInfo.InvariantCulture) / Mebi,
            double.Parse(managed[1], CultureInfo.InvariantCulture));
    }

    private static double SizeOf(string folder)
    {
        double size = 0;
        foreach (string path in Directory.GetFiles(folder))
        {
            try
            {
                size += new FileInfo(path).Length;
            }
            catch (FileNotFoundException)
            {
                // It has gone, so it takes no room.
            }
        }

        return size;
    }
}
