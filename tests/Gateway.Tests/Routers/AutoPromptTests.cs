using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Inference.Routers.Auto;

namespace Fairlead.Gateway.Tests.Routers;

/// <summary>
/// The built-in classifier over the labelled prompts of <c>auto-prompts.jsonl</c>: those its rules were tuned on, and those written after the rules were fixed. The
/// confusion tables go to <c>artifacts/auto-router.txt</c>, which <c>./test</c> prints; docs/routers.md quotes them.
/// </summary>
public sealed class AutoPromptTests
{
    private sealed record Labelled(string Set, TaskType Label, PromptSample Sample);

    private static readonly RuleClassifier Classifier = new(longContextTokens: 32_000);

    [Fact]
    public async Task LabelledPrompts_AreClassifiedAsWellAsTheDocumentationSays()
    {
        var prompts = Read();
        Assert.True(prompts.Count >= 200);
        var report = new StringBuilder("auto router: the classifier by rules over prompts of our own (rows: label, columns: taken for)\n");
        var tuned = Table(report, "rules were tuned on", prompts.Where(prompt => prompt.Set == "tuned"));
        var heldOut = Table(report, "written after the rules were fixed", prompts.Where(prompt => prompt.Set == "held_out"));
        Table(report, "of those, without what follows from a fact alone (images, tools, length)", prompts.Where(prompt => prompt.Set == "held_out" && prompt.Sample is { Sees: false, Calls: false, Tokens: < 32_000 }));
        var folder = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../artifacts");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "auto-router.txt"), report.ToString());
        Assert.True(tuned >= 0.97, report.ToString());
        Assert.True(heldOut >= 0.76, report.ToString());
    }

    [Fact]
    public void WorkIsBounded_AndNoTextMakesItFail()
    {
        var random = new Random(1);
        foreach (var text in (string[])["", "\ud800", new string('\0', 1000), new string('`', 100_000), string.Concat(Enumerable.Repeat("x^2 + 1 = 0 ", 100_000)), string.Concat(Enumerable.Repeat("函数", 100_000)),
            new string([.. Enumerable.Range(0, 50_000).Select(_ => (char)random.Next(1, 0xFFFF))])])
        {
            var sample = PromptSample.Bounded(text);
            Assert.True(sample.Length <= PromptSample.Head + PromptSample.Tail + 1);
            Assert.True(RuleClassifier.OfText(sample) is TaskType.Chat or TaskType.Code or TaskType.Math);
        }
    }

    private static double Table(StringBuilder report, string title, IEnumerable<Labelled> prompts)
    {
        var counts = new int[TaskTypes.Count, TaskTypes.Count];
        var wrong = new List<string>();
        var (right, all) = (0, 0);
        foreach (var prompt in prompts)
        {
            var taken = Classifier.Classify(prompt.Sample);
            counts[(int)prompt.Label, (int)taken]++;
            all++;
            if (taken == prompt.Label)
                right++;
            else
                wrong.Add($"  {TaskTypes.Name(prompt.Label)} taken for {TaskTypes.Name(taken)}: {prompt.Sample.Text.ReplaceLineEndings(" ")}");
        }

        var share = (double)right / all;
        report.Append(CultureInfo.InvariantCulture, $"\n{title}: {right} of {all} ({share:P1})\n{"",14}");
        for (var column = 0; column < TaskTypes.Count; column++)
            report.Append(CultureInfo.InvariantCulture, $"{TaskTypes.Name((TaskType)column),14}");
        for (var row = 0; row < TaskTypes.Count; row++)
        {
            report.Append(CultureInfo.InvariantCulture, $"\n{TaskTypes.Name((TaskType)row),14}");
            for (var column = 0; column < TaskTypes.Count; column++)
                report.Append(CultureInfo.InvariantCulture, $"{counts[row, column],14}");
        }

        report.Append('\n').AppendJoin('\n', wrong).Append(wrong.Count > 0 ? "\n" : "");
        return share;
    }

    private static List<Labelled> Read()
    {
        var prompts = new List<Labelled>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Routers", "auto-prompts.jsonl")))
        {
            var prompt = JsonNode.Parse(line)!;
            var label = Enumerable.Range(0, TaskTypes.Count).Select(task => (TaskType)task).Single(task => TaskTypes.Name(task) == (string?)prompt["label"]);
            prompts.Add(new Labelled(
                (string)prompt["set"]!, label,
                new PromptSample((string)prompt["text"]!, (string?)prompt["before"] ?? "", prompt["images"] is not null, prompt["tools"] is not null, (int?)prompt["tokens"] ?? 0)));
        }

        return prompts;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
