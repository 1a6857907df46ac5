namespace Fairlead.Inference.Routers.Auto;

/// <summary>
/// Tells what a request is about. The place where another classifier is plugged in: it gets what <see cref="PromptSample"/> holds and nothing else, is
/// called on the path of every request to the auto router, and may fail: then the first entry of the list for chat is taken. Thread-safe.
/// </summary>
internal interface ITaskClassifier
{
    TaskType Classify(in PromptSample sample);
}
