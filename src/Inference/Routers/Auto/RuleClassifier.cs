namespace Fairlead.Inference.Routers.Auto;

/// <summary>
/// The built-in classifier: rules, no model (docs/routers.md tells them and how often they are right). Facts first: what has to be seen needs a model that
/// sees, tools need one that calls them, a long prompt one with room. Then the text: words and marks that speak for a program or for mathematics are added
/// up, and what does not reach the threshold is chat.
/// </summary>
internal sealed class RuleClassifier(int longContextTokens) : ITaskClassifier
{
    private const int Threshold = 3;

    // A reply of a few words ("and in Rust?", "do it again") means what the message before it was about.
    private const int ShortReply = 60;

    public TaskType Classify(in PromptSample sample)
    {
        if (sample.Sees)
            return TaskType.Vision;
        if (sample.Calls)
            return TaskType.Tools;
        if (sample.Tokens >= longContextTokens)
            return TaskType.LongContext;
        var task = OfText(sample.Text);
        return task == TaskType.Chat && sample.Text.Length <= ShortReply ? OfText(sample.Before) : task;
    }

    /// <summary>What a text alone is about.</summary>
    public static TaskType OfText(string text)
    {
        var score = TermScore.Of(text) + MarkScore.Of(text);
        if (score.Code < Threshold && score.Math < Threshold)
            return TaskType.Chat;
        // A program that calculates is a program; mathematics has to speak clearly louder.
        return score.Code >= Threshold && 2 * score.Math <= 3 * score.Code ? TaskType.Code : score.Math >= Threshold ? TaskType.Math : TaskType.Code;
    }
}

/// <summary>How much speaks for a program, and how much for mathematics.</summary>
internal readonly record struct Score(int Code, int Math)
{
    public static Score operator +(Score a, Score b) => new(a.Code + b.Code, a.Math + b.Math);
}
