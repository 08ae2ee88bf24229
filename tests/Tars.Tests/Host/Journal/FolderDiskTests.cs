using Tars.Host.Journal.Durable;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>What is written to a folder that no start will find is not kept, and is not called so.</summary>
public sealed class FolderDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tars-disk-").FullName;

    public static bool IsLinux => OperatingSystem.IsLinux();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsLinux))]
    public void A_folder_that_was_moved_or_exchanged_takes_no_more()
    {
        string place = Path.Combine(_folder, "journal");
        string away = Path.Combine(_folder, "away");
        using var disk = FolderDisk.Open(place, out _)!;
        using var file = disk.Create("1");
        file.Write("one"u8);

        Directory.Move(place, away);
        Assert.Equal("the folder is not where it was", Assert.Throws<IOException>(() => file.Write("two"u8)).Message);
        using (FolderDisk.Open(place, out _))
        {
            Assert.Throws<IOException>(() => file.Write("two"u8));

            // What stands there is another run's: nothing is added to it, and none of it goes.
            File.WriteAllText(Path.Combine(place, "1"), "another's");
            Assert.Throws<IOException>(() => disk.Create("2"));
            Assert.Throws<IOException>(() => disk.Delete("1"));
            Assert.Throws<IOException>(disk.SyncNames);
            Assert.Equal(["1", "lock"], Directory.GetFiles(place).Select(Path.GetFileName).Order());
        }

        Directory.Delete(place, recursive: true);
        Directory.Move(away, place);
        file.Write("three"u8);
        Assert.Equal("onethree", File.ReadAllText(Path.Combine(place, "1")));
    }
}
